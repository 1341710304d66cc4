namespace Projections.EventStoreDb.Connection;

/// <summary>Where a node listens.</summary>
public readonly record struct NodeEndpoint(string Host, int Port)
{
    public override string ToString() => Host.Contains(':') ? $"[{Host}]:{Port}" : $"{Host}:{Port}";
}
