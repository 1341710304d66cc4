namespace Projections.EventStoreDb.Errors;

/// <summary>There was no answer in the time that the call had.</summary>
public sealed class DeadlineExceeded(string what, TimeSpan? deadline, Exception? innerException = null) : EventStoreDbException(
    $"{what}: deadline exceeded{(deadline is { } time ? $", no answer within {time.TotalSeconds:0.###} s" : "")}. If the server is healthy, raise defaultDeadline in the connection string.",
    innerException)
{
    public override bool IsPassing => true;
}
