using Npgsql;
using Projections.Events;

namespace Projections.Definitions;

/// <summary>
/// The rows of one version as they are being folded in memory. Used by one worker at a time, and only as long as it holds
/// the version's lease: what the fold remembers of the table is true only while nobody else writes it.
/// </summary>
/// <remarks>
/// The order of calls is <see cref="FoldAsync"/> any number of times, then <see cref="WriteAsync"/> in a transaction that also
/// advances the checkpoint, then <see cref="Committed"/>. After a failure anywhere, or when it is unknown whether the
/// transaction was committed, <see cref="Forget"/> and start again from the checkpoint.
/// </remarks>
internal interface IVersionFold : IDisposable
{
    /// <summary>About how many bytes the rows in memory take, changed or not.</summary>
    long MemoryBytes { get; }

    /// <summary>Whether anything was folded that <see cref="WriteAsync"/> has to write.</summary>
    bool HasChanges { get; }

    /// <summary>Events set aside since the last <see cref="Committed"/>; empty unless the version sets poison aside.</summary>
    IReadOnlyList<SetAsideEvent> SetAside { get; }

    /// <summary>
    /// Folds events in order. Rows that may be in the table and are not in memory are loaded first, through
    /// <paramref name="connection"/>, which is opened for that if it is not open. Events of types that the version does not handle, or of other categories, are passed over.
    /// </summary>
    /// <param name="events">The events; a part of one batch.</param>
    /// <param name="connection">Where rows are loaded from.</param>
    /// <param name="cancellationToken">Cancels the loading.</param>
    /// <param name="decoded">What events of the batch were decoded to already, for all who fold it; <c>null</c> (the default) for nothing.</param>
    /// <returns>How many events were handled, those set aside included.</returns>
    /// <exception cref="PoisonEvent">Under <see cref="PoisonPolicy.Stop"/>; the fold must be forgotten.</exception>
    /// <exception cref="EventSourceUnavailable">It could not be found out whether a stream has its beginning; the fold must be forgotten.</exception>
    ValueTask<int> FoldAsync(ReadOnlyMemory<RecordedEvent> events, NpgsqlConnection connection, CancellationToken cancellationToken, DecodedEvents? decoded = null);

    /// <summary>
    /// Writes all changes since the last <see cref="Committed"/> in the transaction that is open on
    /// <paramref name="connection"/>: COPY for rows that cannot be in the table yet, staging and merge for the rest.
    /// </summary>
    /// <returns>How many rows were written or deleted.</returns>
    Task<long> WriteAsync(NpgsqlConnection connection, CancellationToken cancellationToken);

    /// <summary>
    /// In place of <see cref="WriteAsync"/>, where there is little to write: adds the statements to a batch, to be sent
    /// together with those of others.
    /// </summary>
    /// <returns>Whether they were added; <see cref="WriteAsync"/> does everything that this does not.</returns>
    bool TryAddTo(NpgsqlBatch batch);

    /// <summary>The transaction of the last <see cref="WriteAsync"/> was committed. Rows are evicted if memory is short.</summary>
    void Committed();

    /// <summary>Drops everything that is in memory, changes included.</summary>
    void Forget();
}

/// <summary>How a fold is opened.</summary>
/// <param name="Schema">The schema of the version's table.</param>
/// <param name="MemoryBytes">How much the rows in memory may take at a moment; when reached, the engine writes and the fold evicts.</param>
/// <param name="TableIsEmpty">Whether the table has no row yet of those that are folded, so that a row that is not in memory is nowhere.</param>
/// <param name="OnPoison">What to do with poison in place of what the version says, or <c>null</c>.</param>
/// <param name="Partitions">In how many parts rows may be folded side by side, where the version allows it.</param>
/// <param name="IndexWorkers">How many processes of the server may help to build an index over the first rows.</param>
internal sealed record FoldOptions(
    string Schema, Func<long> MemoryBytes, bool TableIsEmpty, PoisonPolicy? OnPoison = null, int Partitions = 1, int IndexWorkers = 0)
{
    /// <summary>Whether the stream of an event has lost its beginning, as its source says; <c>null</c> (the default) where all streams have theirs.</summary>
    public Func<RecordedEvent, CancellationToken, Task<bool>>? HasLostBeginning { get; init; }

    /// <summary>The part of the streams whose rows are folded while others fold the other parts into the same table; <c>null</c> (the default) where one folds all.</summary>
    public StreamShare? Share { get; init; }

    /// <summary>Who is told what events do to rows; <c>null</c> (the default) for nobody.</summary>
    public IRowWatch? Watch { get; init; }

    public PoisonPolicy PolicyOf(ProjectionVersion version) => OnPoison ?? version.OnPoison;
}
