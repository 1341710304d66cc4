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

    public static Task<OperationResult> RunAsync(
        ProjectionSystem system,
        ProjectionName projection,
        CommandIdentity command,
        Actor actor,
        Func<NpgsqlConnection, ProjectionSnapshot?, Task<OperationResult>> change,
        CancellationToken cancellationToken) =>
        RunAsync(system, [new ProjectionChange(projection, change)], command, actor, cancellationToken);

    /// <summary>The same about several projections: all of them are changed, or none.</summary>
    /// <param name="system">The system.</param>
    /// <param name="changes">What is done about each; the first is that by which the command is known.</param>
    /// <param name="command">By what it is known when it comes again.</param>
    /// <param name="actor">Who asks.</param>
    /// <param name="cancellationToken">Cancels it, as long as it is not being committed.</param>
    public static async Task<OperationResult> RunAsync(
        ProjectionSystem system, IReadOnlyList<ProjectionChange> changes, CommandIdentity command, Actor actor, CancellationToken cancellationToken)
    {
        // Until the commit nothing is done, and what became of a commit is never guessed (OutcomeUnknown).
        Task<OperationResult> RunAsync() => PassingFault.OutlastAsync(
            () => RunOnceAsync(system, changes, command, actor, cancellationToken), system.Time, cancellationToken);
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
        ProjectionSystem system, IReadOnlyList<ProjectionChange> changes, CommandIdentity command, Actor actor, CancellationToken cancellationToken)
    {
        await using var connection = await system.ReadModels.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        // In one order, whoever asks: two who ask for the same never wait for each other.
        List<ProjectionChange> inOrder = [.. changes.OrderBy(change => change.Projection.Value, StringComparer.Ordinal)];
        var snapshots = new Dictionary<ProjectionName, ProjectionSnapshot?>();
        foreach (var change in inOrder)
        {
            snapshots.Add(change.Projection, await ProjectionCatalog.LockAsync(connection, change.Projection, cancellationToken));
        }

        var projection = changes[0].Projection;
        if (await CommandLog.FindAsync(connection, command, projection, cancellationToken) is { } done)
        {
            return new OperationResult(new VersionId(projection, done.Version ?? snapshots[projection]?.LiveVersion ?? 0), done.Outcome, AlreadyDone: true);
        }

        var results = new Dictionary<ProjectionName, OperationResult>();
        foreach (var change in inOrder)
        {
            results.Add(change.Projection, await change.RunAsync(connection, snapshots[change.Projection]));
        }

        var result = OperationResult.Of([.. changes.Select(change => results[change.Projection])]);
        await RecordAsync(connection, command, result.Outcome, results[projection], actor, cancellationToken);
        foreach (var other in result.With)
        {
            await RecordAsync(connection, command with { Id = null }, other.Outcome, other, actor, cancellationToken);
        }

        await CommitAsync(transaction, projection, command.Verb);
        return result;
    }

    private static async Task RecordAsync(
        NpgsqlConnection connection, CommandIdentity command, string outcome, OperationResult result, Actor actor, CancellationToken cancellationToken)
    {
        var projection = result.Version.Projection;
        await CommandLog.RecordAsync(connection, result.AlreadyDone ? command : command.Kept, projection, result.Version.Number, outcome, actor, cancellationToken);
        await ProjectionCatalog.NotifyAsync(connection, projection, cancellationToken);
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

/// <summary>What a command does about one projection.</summary>
/// <param name="Projection">The projection, which is locked meanwhile.</param>
/// <param name="RunAsync">Does it, in the command's transaction; <c>null</c> is given where the catalog does not have the projection yet.</param>
internal sealed record ProjectionChange(ProjectionName Projection, Func<NpgsqlConnection, ProjectionSnapshot?, Task<OperationResult>> RunAsync);
