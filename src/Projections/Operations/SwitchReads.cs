using Npgsql;
using Projections.Catalog;
using Projections.Commands;
using Projections.Definitions;
using Projections.Faults;
using Projections.Switching;

namespace Projections.Operations;

/// <summary>Switches reads to a version, or back to the one that was live before.</summary>
public sealed class SwitchReads(ProjectionSystem system)
{
    /// <exception cref="OperationRefused">There is no such projection.</exception>
    /// <exception cref="SwitchRefused">A gate is shut, or the lock could not be had; reads stay where they are.</exception>
    /// <exception cref="OutcomeUnknown">The connection broke while the switch was committed, and the database stays away.</exception>
    public async Task<SwitchResult> RunAsync(
        ProjectionName projection, int to, SwitchOptions options, CommandContext context, CancellationToken cancellationToken)
    {
        var command = context.IdentityOf("switch", $"{to}");
        return await FindDoneAsync(projection, command, cancellationToken) ?? await RunAsync(projection, to, options, context.Actor, command, cancellationToken);
    }

    /// <summary>Switches back to the version that was live before the last switch.</summary>
    /// <exception cref="OperationRefused">No version stands by.</exception>
    /// <exception cref="SwitchRefused">A gate is shut, or the lock could not be had; reads stay where they are.</exception>
    /// <exception cref="OutcomeUnknown">The connection broke while the switch was committed, and the database stays away.</exception>
    public async Task<SwitchResult> RollBackAsync(ProjectionName projection, SwitchOptions options, CommandContext context, CancellationToken cancellationToken)
    {
        var command = context.IdentityOf("rollback");
        return await FindDoneAsync(projection, command, cancellationToken)
            ?? await RunAsync(projection, (await FindPreviousAsync(projection, cancellationToken)).Number, options, context.Actor, command, cancellationToken);
    }

    private async Task<SwitchResult> RunAsync(
        ProjectionName projection, int to, SwitchOptions options, Actor actor, CommandIdentity? command, CancellationToken cancellationToken)
    {
        var result = await new ReadSwitch(system).RunAsync(new VersionId(projection, to), options, actor, command, cancellationToken);
        if (result.AlreadyDone)
        {
            await RecordAsync(projection, to, actor, command, cancellationToken);
        }

        return result;
    }

    private async Task<SwitchResult?> FindDoneAsync(ProjectionName projection, CommandIdentity? command, CancellationToken cancellationToken)
    {
        await using var connection = await system.ReadModels.OpenConnectionAsync(cancellationToken);
        if (await CommandLog.FindAsync(connection, command, projection, cancellationToken) is null)
        {
            return null;
        }

        var now = await system.Catalog.ReadAsync(projection, cancellationToken);
        return new SwitchResult(projection, null, now?.LiveVersion ?? 0, now?.Generation ?? 0, null, null, 0, AlreadyDone: true);
    }

    /// <summary>A command that found nothing to do is done, too: its second delivery, after another switch, must do nothing.</summary>
    private async Task RecordAsync(ProjectionName projection, int to, Actor actor, CommandIdentity? command, CancellationToken cancellationToken)
    {
        await using var connection = await system.ReadModels.OpenConnectionAsync(cancellationToken);
        try
        {
            await CommandLog.RecordAsync(connection, command, projection, to, $"v{to} was live already", actor, cancellationToken);
        }
        catch (PostgresException exception) when (CommandLog.IsDuplicate(exception))
        {
            // Recorded by the switch itself, whose connection was lost at its end, or by another delivery.
        }
    }

    /// <summary>The version that a rollback goes to: the one that was live before the last switch.</summary>
    /// <exception cref="OperationRefused">There is none, or it was retired.</exception>
    public async Task<VersionId> FindPreviousAsync(ProjectionName projection, CancellationToken cancellationToken)
    {
        var snapshot = await system.Catalog.ReadAsync(projection, cancellationToken)
            ?? throw new OperationRefused($"Cannot roll back '{projection}': the catalog has no version of it.", isMistake: true);
        var previous = await PreviousAsync(snapshot, cancellationToken)
            ?? throw new OperationRefused($"Cannot roll back '{projection}': no version that was live before is left. {(snapshot.Versions.Any(version => version.State == VersionState.Retired) ? "The previous one was retired; rebuild it first." : "")}".TrimEnd());
        return new VersionId(projection, previous);
    }

    private async Task<int?> PreviousAsync(ProjectionSnapshot snapshot, CancellationToken cancellationToken)
    {
        var history = await SwitchHistory.ReadAsync(system.Catalog, snapshot.Name, cancellationToken);
        return history.FirstOrDefault(record => record.To == snapshot.LiveVersion)?.From is { } from
            && snapshot.Find(from) is { State: not VersionState.Retired }
            ? from
            : null;
    }
}
