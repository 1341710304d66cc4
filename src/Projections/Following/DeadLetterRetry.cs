using Projections.Catalog;
using Projections.Definitions;
using Projections.Events;
using Projections.Replay;

namespace Projections.Following;

/// <summary>
/// Folds dead letters that somebody asked to retry, late but once, in a transaction that proves the lease. Letters that cannot be folded or
/// written wait again with the new error; the others are not held up by them.
/// </summary>
internal static class DeadLetterRetry
{
    private const int AtOnce = 500;

    /// <summary>Whether any are to be retried; not all at once, if there are many.</summary>
    public static async Task<IReadOnlyList<DeadLetter>> FindAsync(ProjectionSystem system, LockstepMember member, CancellationToken stop)
    {
        await using var connection = await system.ReadModels.OpenConnectionAsync(stop);
        return await DeadLetters.ReadAsync(connection, member.Id, DeadLetterStatus.Retry, AtOnce, stop);
    }

    /// <summary>To be called when everything that was folded is committed. What is not done within a step's time is found again.</summary>
    public static async Task RunAsync(ProjectionSystem system, LockstepMember member, IReadOnlyList<DeadLetter> letters, CancellationToken stop)
    {
        var began = system.Time.GetTimestamp();
        if (await TryAsync(system, member, letters, stop) is not { Passes: false } fault)
        {
            return;
        }

        if (letters.Count == 1)
        {
            await WaitAgainAsync(system, letters[0], fault.DropOut.Reason, stop);
            return;
        }

        // One of them is to blame; who, is found by taking them one by one.
        foreach (var letter in letters.TakeWhile(_ => system.Time.GetElapsedTime(began) < system.Options.GuestLimit))
        {
            await RunAsync(system, member, [letter], stop);
        }
    }

    private static async Task<GuestFault?> TryAsync(ProjectionSystem system, LockstepMember member, IReadOnlyList<DeadLetter> letters, CancellationToken stop)
    {
        var fold = member.OpenGuestFold(letters.Where(letter => letter.Reacts).Select(letter => letter.Event.Position).ToHashSet());
        var fault = await GuestStep.RunAsync(system, member.Id, system.Options.GuestLimit, limit => FoldAsync(system, fold, letters, limit), stop);
        fold.DisposeAfter(fault?.StillRunning);
        // What the member remembers of these rows is not what the table has now.
        member.Fold.Fold.Forget();
        return fault;
    }

    private static async Task FoldAsync(ProjectionSystem system, CheckpointedFold fold, IReadOnlyList<DeadLetter> letters, CancellationToken limit)
    {
        await using var connection = await system.ReadModels.OpenConnectionAsync(limit);
        var events = letters.Select(letter => Event(letter)).ToArray();
        await fold.FoldAsync(events, fold.Through, limit);
        await using var transaction = await connection.BeginTransactionAsync(limit);
        await fold.WriteAsync(connection, limit);

        // Looked at after the write: statements of an event fail there and not when it is folded.
        var failed = fold.Fold.SetAside.Select(e => e.Position).ToHashSet();
        await DeadLetters.ResolveAsync(
            connection, fold.Definition.Id, letters.Select(letter => letter.Event.Position).Where(position => !failed.Contains(position)), limit);
        await fold.AdvanceAsync(connection, limit);
        await fold.WriteCapturedLateAsync(connection, limit);
        await transaction.CommitAsync(limit);
        fold.Committed();
    }

    private static async Task WaitAgainAsync(ProjectionSystem system, DeadLetter letter, string error, CancellationToken stop)
    {
        await using var connection = await system.ReadModels.OpenConnectionAsync(stop);
        await DeadLetters.AddAsync(connection, letter.Version, [letter.Event with { Error = error, Stage = PoisonStage.Fold }], stop);
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
