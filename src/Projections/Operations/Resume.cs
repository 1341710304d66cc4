using Npgsql;
using Projections.Catalog;
using Projections.Commands;
using Projections.Definitions;
using Projections.Events;
using Projections.Postgres;

namespace Projections.Operations;

/// <summary>Lets work go on, from the checkpoint, on a version that was paused or has failed.</summary>
public sealed class Resume(ProjectionSystem system)
{
    /// <exception cref="OperationRefused">No such version is paused or failed.</exception>
    public Task<OperationResult> RunAsync(ProjectionName projection, int? version, CommandContext context, CancellationToken cancellationToken) =>
        CatalogCommand.RunAsync(
            system,
            projection,
            context.IdentityOf("resume", $"{version}"),
            context,
            async (connection, snapshot) =>
            {
                var chosen = await CatalogCommand.LockAsync(connection, projection, snapshot, version, "resume", IsStopped, cancellationToken);
                if (!IsStopped(chosen))
                {
                    return new OperationResult(chosen.Id, $"{chosen.Id} is {chosen.State.Text()}; there is nothing to resume.", AlreadyDone: true);
                }

                await GoOnAsync(connection, chosen, context.Actor, cancellationToken);
                return new OperationResult(chosen.Id, $"{chosen.Id} goes on from position {From(chosen)}{Until(chosen)}.");
            },
            cancellationToken);

    /// <summary>Has a version that stopped at an event go on behind it; the event becomes a dead letter.</summary>
    /// <param name="projection">The projection.</param>
    /// <param name="version">The version; the one that stopped there when <c>null</c>.</param>
    /// <param name="position">The event.</param>
    /// <param name="context">Who decides it, and why the rows may lack the event.</param>
    /// <param name="cancellationToken">Cancels the command.</param>
    /// <exception cref="OperationRefused">The version did not stop at exactly that event, or no reason was given.</exception>
    public Task<OperationResult> SetAsideAsync(
        ProjectionName projection, int? version, EventPosition position, CommandContext context, CancellationToken cancellationToken) =>
        CatalogCommand.RunAsync(
            system,
            projection,
            context.IdentityOf("resume", $"{version} {position}"),
            context,
            async (connection, snapshot) =>
            {
                var decided = await SetAsideDecisions.VersionsOfAsync(connection, projection, position, cancellationToken);
                var chosen = await CatalogCommand.LockAsync(
                    connection, projection, snapshot, version ?? StoppedAt(snapshot, position, decided), "set aside an event of", IsStopped, cancellationToken);
                if (decided.Contains(chosen.Id.Number) && !IsStopped(chosen))
                {
                    return new OperationResult(
                        chosen.Id, $"The event at position {position} was set aside for {chosen.Id} before, which is {chosen.State.Text()}.", AlreadyDone: true);
                }

                RefuseOther(chosen, position, context.Actor);
                await SetAsideDecisions.AddAsync(connection, chosen, position, context.Actor, cancellationToken);
                await GoOnAsync(connection, chosen, context.Actor with { Why = $"set aside the event at position {position}: {context.Actor.Why}" }, cancellationToken);
                return new OperationResult(
                    chosen.Id, $"{chosen.Id} goes on from position {From(chosen)}, and makes the event at position {position} a dead letter{Until(chosen)}.");
            },
            cancellationToken);

    private static bool IsStopped(VersionSnapshot version) => version.Phase is VersionPhase.Paused or VersionPhase.Failed;

    private static int? StoppedAt(ProjectionSnapshot? snapshot, EventPosition position, IReadOnlySet<int> decided) =>
        snapshot?.Versions.Where(version => version.FailurePosition == position || decided.Contains(version.Id.Number)).ToList() is [var only] ? only.Id.Number : null;

    private static void RefuseOther(VersionSnapshot version, EventPosition position, Actor actor)
    {
        var cannot = $"Cannot set aside the event at position {position} for {version.Id}";
        if (version.Phase != VersionPhase.Failed)
        {
            throw new OperationRefused($"{cannot}: it is {version.State.Text()}, and only the event that a version stopped at can be set aside.");
        }

        if (version.FailurePosition != position)
        {
            var at = version.FailurePosition is { } failed ? $"it stopped at position {failed}" : "it did not stop at an event";
            throw new OperationRefused($"{cannot}: {at} ({version.Failure}). {(version.FailurePosition is null ? $"Mend the cause and run 'projections resume {version.Id.Projection}'." : "Only that event can be set aside.")}");
        }

        if (string.IsNullOrWhiteSpace(actor.Why))
        {
            throw new OperationRefused($"{cannot} without a reason: say with '--why' why its rows may lack the event.", isMistake: true);
        }
    }

    private static async Task GoOnAsync(NpgsqlConnection connection, VersionSnapshot version, Actor actor, CancellationToken cancellationToken)
    {
        await VersionLife.MoveAsync(connection, version, version.ResumePhase, actor, cancellationToken);
        await connection.ExecuteAsync(
            "update projections.version set drop_outs = 0 where projection = $1 and number = $2", cancellationToken, version.Id.Projection.Value, version.Id.Number);
    }

    private static string From(VersionSnapshot version) => version.Checkpoint?.ToString() ?? "start";

    // Readers see it as it is until then, and it may stop again on the way.
    private static string Until(VersionSnapshot version) => version.Role == VersionRole.Candidate ? "" : "; it is followed again once it has caught up";
}
