namespace Projections.Definitions;

/// <summary>What becomes of the rows of streams that are archived (Marten).</summary>
public enum ArchivedStreams
{
    /// <summary>Nothing: history counts, archived or not, and rows are the same whenever a stream was archived. The default.</summary>
    Keep,

    /// <summary>
    /// They go, where the stream has Marten's event <c>archived</c>: live and in a rebuild alike, because the event has its place among the others.
    /// A stream that was archived without one (<c>ArchiveStream</c> alone) has nothing that says before or after which event, so that rows
    /// would depend on how fast a worker was; a version is not built from a store with such streams. Each row must have its stream as its key.
    /// </summary>
    Remove,
}
