namespace Projections.EventStoreDb.Connection;

/// <summary>A user of the store. Does not show its password.</summary>
public sealed record UserCredentials(string Name, string Password)
{
    public override string ToString() => Name;
}
