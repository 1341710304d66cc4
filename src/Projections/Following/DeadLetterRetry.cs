using Projections.Catalog;
using Projections.Definitions;
using Projections.Events;
using Projections.Replay;

namespace Projections.Following;

/// <summary>Folds dead letters that somebody asked to retry, late but once, in a transaction that proves the lease.</summary>
internal static class DeadLetterRetry
{
    private const int AtOnce = 500;

    /// <summary>The dead letters that are to be retried; not all at once, if there are many.</summary>
    public static async Task<IReadOnlyList<DeadLetter>> FindAsync(ProjectionSystem system, VersionId version, CancellationToken stop)
    {
        await using var connection = await system.ReadModels.OpenConnectionAsync(stop);
        return await DeadLetters.ReadAsync(connection, version, DeadLetterStatus.Retry, AtOnce, stop);
    }

    public static async Task RunAsync(ProjectionSystem system, CheckpointedFold fold, IReadOnlyList<DeadLetter> letters, CancellationToken stop)
    {
        await using var connection = await system.ReadModels.OpenConnectionAsync(stop);
        var events = letters.Select(letter => Event(letter)).ToArray();
        await fold.FoldAsync(events, fold.Through, fold.Lease.Lost);
        await using var transaction = await connection.BeginTransactionAsync(stop);
        await fold.WriteAsync(connection, fold.Lease.Lost);

        // Looked at after the write: statements of an event fail there and not when it is folded.
        var failed = fold.Fold.SetAside.Select(e => e.Position).ToHashSet();
        await DeadLetters.ResolveAsync(
            connection, fold.Definition.Id, letters.Select(letter => letter.Event.Position).Where(position => !failed.Contains(position)), stop);
        await fold.AdvanceAsync(connection, stop);
        await transaction.CommitAsync(stop);
        fold.Committed();
    }

    private static RecordedEvent Event(DeadLetter letter) => new()
    {
        Position = letter.Event.Position,
        Stream = new StreamId(letter.Event.Stream),
        StreamVersion = letter.Event.StreamVersion,
        Type = letter.Event.Type,
        Data = letter.Event.Data,
        Metadata = letter.Event.Metadata,
        Time = letter.Event.Time,
        Tenant = letter.Event.Tenant,
    };
}
