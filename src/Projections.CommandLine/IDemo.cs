namespace Projections.CommandLine;

/// <summary>
/// What <c>demo</c> shows: a projection of the program's own over events that are made up. A class of one of the program's assemblies, with a
/// constructor without parameters.
/// </summary>
public interface IDemo
{
    /// <summary>
    /// The projection. Its first version is built from history, and its newest beside it; where there is only one, it is built once more. Its rows
    /// are found by stream (<c>ByStream</c>), and their key is a <see cref="Guid"/>.
    /// </summary>
    string Projection { get; }

    /// <summary>What the newest version is for, as a sentence: <c>The table must change: a due date.</c></summary>
    string Change { get; }

    /// <summary>The category of the streams, in EventStoreDB the beginning of their names, in Marten their type: <c>invoice</c>.</summary>
    string Category { get; }

    /// <summary>A column of all versions, a number, that grows with each event of the stream that readers watch.</summary>
    string GrowingColumn { get; }

    /// <summary>A history of about <paramref name="events"/> events, the same for the same seed. Each stream has a row in the end. Made while it is
    /// read.</summary>
    IEnumerable<DemoEvent> History(int events, int seed);

    /// <summary>The event of a number, from 1, of the stream that readers watch: the first makes its row, each other lets
    /// <see cref="GrowingColumn"/> grow.</summary>
    DemoEvent Watched(Guid stream, int number);
}
