using Npgsql;
using Projections.Catalog;
using Projections.Definitions;
using Projections.Faults;
using Projections.Postgres;

namespace Projections.Commands;

/// <summary>The frame of a command that changes the catalog: one transaction, the projection locked, the command logged.</summary>
internal static class CatalogCommand
{
    public static Task<OperationResult> RunAsync(
        ProjectionSystem system,
        Command command,
        CommandContext context,
        Func<NpgsqlConnection, ProjectionSnapshot?, Task<OperationResult>> change,
        CancellationToken cancellationToken) =>
        RunAsync(system, command.Projection, command.IdentityOf(context), command.ActorOf(context), change, cancellationToken);

    public static async Task<OperationResult> RunAsync(
        ProjectionSystem system,
        ProjectionName projection,
        CommandIdentity command,
        Actor actor,
        Func<NpgsqlConnection, ProjectionSnapshot?, Task<OperationResult>> change,
        CancellationToken cancellationToken)
    {
        // Until the commit nothing is done, and what became of a commit is never guessed (OutcomeUnknown).
        Task<OperationResult> RunAsync() => PassingFault.OutlastAsync(
            () => RunOnceAsync(system, projection, command, actor, change, cancellationToken), system.Time, cancellationToken);
        try
        {
            return await RunAsync();
        }
        catch (PostgresException exception) when (CommandLog.IsDuplicate(exception))
        {
            // The same command, delivered twice at the same moment, before there was a projection to queue at: the other one
            // is done, and its outcome is found now.
            return await RunAsync();
        }
    }

    private static async Task<OperationResult> RunOnceAsync(
        ProjectionSystem system,
        ProjectionName projection,
        CommandIdentity command,
        Actor actor,
        Func<NpgsqlConnection, ProjectionSnapshot?, Task<OperationResult>> change,
        CancellationToken cancellationToken)
    {
        await using var connection = await system.ReadModels.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var snapshot = await ProjectionCatalog.LockAsync(connection, projection, cancellationToken);
        if (await CommandLog.FindAsync(connection, command, projection, cancellationToken) is { } done)
        {
            return new OperationResult(new VersionId(projection, done.Version ?? snapshot?.LiveVersion ?? 0), done.Outcome, AlreadyDone: true);
        }

        var result = await change(connection, snapshot);
        await CommandLog.RecordAsync(connection, result.AlreadyDone ? command : command.Kept, projection, result.Version.Number, result.Outcome, actor, cancellationToken);
        await ProjectionCatalog.NotifyAsync(connection, projection, cancellationToken);
        await CommitAsync(transaction, projection, command.Verb);
        return result;
    }

    private static async Task CommitAsync(NpgsqlTransaction transaction, ProjectionName projection, string verb)
    {
        try
        {
            // Not to be called off half way: it would not be known what it did.
            await transaction.CommitAsync(CancellationToken.None);
        }
        catch (Exception exception) when (PassingFault.Is(exception) && exception is not PostgresException { EndsStatementOnly: true })
        {
            throw new OutcomeUnknown(
                projection,
                $"It is not known whether '{verb}' of '{projection}' was carried out: the connection broke while it was committed ({exception.Cause.TrimEnd('.')}). "
                + $"When the database answers again, look at 'projections status {projection}', or give the command again: what is done is not done twice.",
                exception);
        }
    }

    /// <summary>The version that a command means, as it is once its row is locked: workers change it until then.</summary>
    /// <exception cref="OperationRefused">There is none, or there are several.</exception>
    public static async Task<VersionSnapshot> LockAsync(
        NpgsqlConnection connection, ProjectionName projection, ProjectionSnapshot? snapshot, int? number, string verb, Func<VersionSnapshot, bool> candidates, CancellationToken cancellationToken) =>
        (await ProjectionCatalog.LockAsync(connection, Choose(projection, snapshot, number, verb, candidates).Id, cancellationToken))!;

    /// <summary>The version that a command means: the one it names, or else the one and only that <paramref name="candidates"/> finds.</summary>
    /// <exception cref="OperationRefused">There is none, or there are several.</exception>
    public static VersionSnapshot Choose(
        ProjectionName projection, ProjectionSnapshot? snapshot, int? number, string verb, Func<VersionSnapshot, bool> candidates)
    {
        if (snapshot is null)
        {
            throw new OperationRefused($"Cannot {verb} '{projection}': the catalog has no version of it. Begin with 'projections rebuild {projection}' or 'projections adopt {projection}'.", isMistake: true);
        }

        if (number is { } wanted)
        {
            return snapshot.Find(wanted)
                ?? throw new OperationRefused($"Cannot {verb} '{projection}' v{wanted}: the catalog has {Names(snapshot.Versions)}.", isMistake: true);
        }

        var found = snapshot.Versions.Where(candidates).ToList();
        return found.Count switch
        {
            1 => found[0],
            0 => throw new OperationRefused($"Cannot {verb} '{projection}': no version of it is in a state for that ({Names(snapshot.Versions)})."),
            _ => throw new OperationRefused($"Cannot {verb} '{projection}': say which version with '--version' ({Names(found)}).", isMistake: true),
        };
    }

    private static string Names(IEnumerable<VersionSnapshot> versions) =>
        string.Join(", ", versions.Select(version => $"v{version.Id.Number} ({version.State.Text()})"));
}
