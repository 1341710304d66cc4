namespace Projections.Migrations;

/// <summary>A run came upon something that a person has to look at. What was done before stays done, and the message says what to do.</summary>
/// <param name="id">The situation, a stable word for programs: <c>direct-connection-needed</c>, <c>index-left-invalid</c>, <c>interrupted-changed</c>,
/// <c>interrupted-unclear</c>, <c>lock-lost</c>, <c>tracking-row-lost</c>, <c>copy-failed</c>.</param>
/// <param name="message">What happened, to what, and what to do.</param>
/// <param name="innerException">What showed it; <c>null</c> where nothing failed.</param>
public sealed class MigrationStopped(string id, string message, Exception? innerException = null) : Exception(message, innerException)
{
    public string Id { get; } = id;
}
