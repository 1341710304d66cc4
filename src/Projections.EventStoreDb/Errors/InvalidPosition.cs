namespace Projections.EventStoreDb.Errors;

/// <summary>The log has no record at the position that is to be read from.</summary>
public sealed class InvalidPosition(string what, Exception? innerException = null) : EventStoreDbException(
    $"{what}: the store says that the position is not one of its own. The checkpoint comes from another store, or the store was restored to an earlier point and has grown since. Point the configuration at the right store, or rebuild.",
    innerException)
{
    public override bool IsPassing => false;
}
