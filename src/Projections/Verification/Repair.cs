using System.Globalization;
using System.Text.Json;
using Projections.Catalog;
using Projections.Commands;
using Projections.Definitions;

namespace Projections.Verification;

/// <summary>
/// Folds some rows anew from their events and replaces them, while the version goes on being followed. Whoever follows it does the
/// work, between two batches; each line of the list of repairs is one transaction.
/// </summary>
internal sealed class Repair(ProjectionSystem system)
{
    /// <summary>Rows a transaction: the lockstep waits meanwhile, so it is to last moments.</summary>
    private const int RowsAtOnce = 200;

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(50);

    /// <param name="projection">The projection.</param>
    /// <param name="version">The version; the live one when <c>null</c>.</param>
    /// <param name="scope">Which rows.</param>
    /// <param name="actor">Who asks.</param>
    /// <param name="commandId">The command's id, if it can come again; one that was carried out already repairs nothing again.</param>
    /// <param name="cancellationToken">Stops waiting; what was asked for is still done.</param>
    /// <exception cref="OperationRefused">The version is not followed, its rows cannot be mapped to streams, or a row cannot be folded.</exception>
    public async Task<RepairReport> RunAsync(ProjectionName projection, int? version, RepairScope scope, Actor actor, Guid? commandId, CancellationToken cancellationToken)
    {
        var snapshot = await system.Catalog.ReadAsync(projection, cancellationToken);
        var (chosen, definition) = Choose(projection, snapshot, version, scope);
        var keys = await new RepairedKeys(system, definition, chosen).FindAsync(scope, cancellationToken);
        await RefuseScatteredAsync(definition, keys, cancellationToken);
        var ids = await RequestAsync(chosen, keys, actor, commandId, cancellationToken);
        return await WaitAsync(chosen.Id, keys.Count, ids, cancellationToken);
    }

    /// <exception cref="OperationRefused">No rows are named, or the version is none that can be repaired.</exception>
    internal (VersionSnapshot Version, ProjectionVersion Definition) Choose(ProjectionName projection, ProjectionSnapshot? snapshot, int? version, RepairScope scope)
    {
        if (scope.IsEmpty)
        {
            throw new OperationRefused($"Cannot repair '{projection}' without knowing which rows: say '--key', '--stream', '--tenant' or '--where-different'.", isMistake: true);
        }

        var chosen = CatalogCommand.Choose(projection, snapshot, version ?? snapshot?.LiveVersion, "repair", candidate => candidate.Lockstep);
        return (chosen, Repairable(chosen));
    }

    private ProjectionVersion Repairable(VersionSnapshot version)
    {
        if (!version.Lockstep)
        {
            throw new OperationRefused($"Cannot repair {version.Id}: it is {version.State.Text()}, and only a version that is being followed can be repaired. {(version.State.IsBuild() ? "Wait until it is ready." : $"Resume it first ('projections resume {version.Id.Projection}').")}");
        }

        return system.Registry.Find(version.Id) switch
        {
            null => throw new OperationRefused($"Cannot repair {version.Id}: {system.Registry.WhyMissing(version.Id)}", isMistake: true),
            { Rows: null } => throw new OperationRefused($"Cannot repair {version.Id}: its SQL statements may touch any row, so no row can be folded by itself. Build the version anew under a new number instead."),
            var definition => definition,
        };
    }

    private async Task RefuseScatteredAsync(ProjectionVersion definition, IReadOnlyList<string[]> keys, CancellationToken cancellationToken)
    {
        await using var connection = await system.ReadModels.OpenConnectionAsync(cancellationToken);
        if (keys.Count > 0 && (await RowKey.SelectAsync(definition.Rows!, connection, keys, definition.Id, cancellationToken)).Streams is null)
        {
            throw new OperationRefused(
                $"Cannot repair {definition.Id}: its keys come from inside the events, so a row's events may be in any stream. If each row has all its events in one stream that its key names, override StreamOf in {definition.GetType().Name}; else build the version anew under a new number.");
        }
    }

    private async Task<long[]> RequestAsync(VersionSnapshot version, IReadOnlyList<string[]> keys, Actor actor, Guid? commandId, CancellationToken cancellationToken)
    {
        var ids = new List<long>();
        await CatalogCommand.RunAsync(
            system,
            version.Id.Projection,
            new CommandIdentity(commandId, "repair", string.Create(CultureInfo.InvariantCulture, $"{version.Id.Number} {JsonSerializer.Serialize(keys)}")),
            actor,
            async (connection, _) =>
            {
                foreach (var some in keys.Chunk(RowsAtOnce))
                {
                    ids.Add(await Repairs.AddAsync(connection, version.Id, some, actor, cancellationToken));
                }

                await VersionLife.RecordAsync(
                    connection, version.Id, version.State, version.State, actor with { Why = $"repair of {keys.Count} rows: {actor.Why}" }, cancellationToken);
                return new OperationResult(version.Id, $"{keys.Count} rows of {version.Id} are folded anew.");
            },
            cancellationToken);
        return [.. ids];
    }

    private async Task<RepairReport> WaitAsync(VersionId version, int keys, long[] ids, CancellationToken cancellationToken)
    {
        while (true)
        {
            IReadOnlyList<RepairState> states;
            await using (var connection = await system.ReadModels.OpenConnectionAsync(cancellationToken))
            {
                states = await Repairs.ReadAsync(connection, ids, cancellationToken);
            }

            if (states.FirstOrDefault(state => state.Failure is not null) is { } failed)
            {
                throw new OperationRefused($"Some rows of {version} could not be folded anew and are as they were: {failed.Failure}");
            }

            if (states.All(state => state.IsOver))
            {
                return new RepairReport(version, keys, states.Sum(state => state.Before), states.Sum(state => state.After));
            }

            await RefuseStoppedAsync(version, cancellationToken);
            await Task.Delay(BetweenLooks, system.Time, cancellationToken);
        }
    }

    /// <summary>A version that only steps out of the lockstep for a moment is waited for.</summary>
    private async Task RefuseStoppedAsync(VersionId version, CancellationToken cancellationToken)
    {
        if ((await system.Catalog.ReadAsync(version.Projection, cancellationToken))?.Find(version.Number) is { State: VersionState.Paused or VersionState.Failed or VersionState.Retired } stopped)
        {
            throw new OperationRefused($"The repair of {version} did not end, because the version is {stopped.State.Text()} now. What is left of it is done as soon as the version is followed again.");
        }
    }
}
