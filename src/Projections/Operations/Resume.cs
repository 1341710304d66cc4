using System.ComponentModel;
using Npgsql;
using Projections.Catalog;
using Projections.Commands;
using Projections.Definitions;
using Projections.Events;
using Projections.Postgres;

namespace Projections.Operations;

/// <summary>Asks for a paused or failed version to go on.</summary>
[Verb("resume", "Lets a paused or failed version go on from its checkpoint, or behind the event that it stopped at.")]
public sealed record ResumeCommand : VersionCommand
{
    /// <summary>The position of the event that the version stopped at: it becomes a dead letter, and the version goes on behind it. Needs a reason.</summary>
    [Description("The position of the event that the version stopped at; it becomes a dead letter, and the version goes on behind it. Needs a reason.")]
    public EventPosition? SetAside { get; init; }

    private protected override FormattableString Arguments => $"{Version}{(SetAside is { } position ? $" {position}" : "")}";

    internal override Task<OperationResult> CarryOutAsync(ProjectionSystem system, CommandContext context, CancellationToken cancellationToken) =>
        new Resume(system).RunAsync(this, context, cancellationToken);
}

/// <summary>Lets work go on, from the checkpoint, on a version that was paused or has failed.</summary>
internal sealed class Resume(ProjectionSystem system)
{
    /// <exception cref="OperationRefused">No such version is paused or failed, it did not stop at that event, or no reason was given to set it aside.</exception>
    public Task<OperationResult> RunAsync(ResumeCommand command, CommandContext context, CancellationToken cancellationToken) =>
        command.SetAside is { } position ? SetAsideAsync(command, position, context, cancellationToken) : GoOnAsync(command, context, cancellationToken);

    private Task<OperationResult> GoOnAsync(ResumeCommand command, CommandContext context, CancellationToken cancellationToken) =>
        CatalogCommand.RunAsync(
            system,
            command,
            context,
            async (connection, snapshot) =>
            {
                var chosen = await CatalogCommand.LockAsync(connection, command.Projection, snapshot, command.Version, "resume", IsStopped, cancellationToken);
                if (!IsStopped(chosen))
                {
                    return new OperationResult(chosen.Id, $"{chosen.Id} is {chosen.State.Text()}; there is nothing to resume.", AlreadyDone: true);
                }

                await GoOnAsync(connection, chosen, command.ActorOf(context), cancellationToken);
                return new OperationResult(chosen.Id, $"{chosen.Id} goes on from position {From(chosen)}{Until(chosen)}.");
            },
            cancellationToken);

    /// <summary>Has the version that stopped at exactly that event go on behind it; the event becomes a dead letter.</summary>
    private Task<OperationResult> SetAsideAsync(ResumeCommand command, EventPosition position, CommandContext context, CancellationToken cancellationToken) =>
        CatalogCommand.RunAsync(
            system,
            command,
            context,
            async (connection, snapshot) =>
            {
                var decided = await SetAsideDecisions.VersionsOfAsync(connection, command.Projection, position, cancellationToken);
                var chosen = await CatalogCommand.LockAsync(
                    connection, command.Projection, snapshot, command.Version ?? StoppedAt(snapshot, position, decided), "set aside an event of", IsStopped, cancellationToken);
                if (decided.Contains(chosen.Id.Number) && !IsStopped(chosen))
                {
                    return new OperationResult(
                        chosen.Id, $"The event at position {position} was set aside for {chosen.Id} before, which is {chosen.State.Text()}.", AlreadyDone: true);
                }

                RefuseOther(chosen, position, command.ActorOf(context));
                await SetAsideDecisions.AddAsync(connection, chosen, position, command.ActorOf(context), cancellationToken);
                await GoOnAsync(connection, chosen, command.ActorOf(context) with { Why = $"set aside the event at position {position}: {command.ActorOf(context).Why}" }, cancellationToken);
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
