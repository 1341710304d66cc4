using Projections.Catalog;
using Projections.Commands;
using Projections.Definitions;
using Projections.Faults;
using Projections.Switching.Gates;
using Projections.Telemetry;

namespace Projections.Switching;

/// <summary>
/// Moves a read name to another version: asks the gates, then tries the switch's transaction until the lock can be had
/// without making readers queue. A rollback is the same switch the other way.
/// </summary>
internal sealed class ReadSwitch(ProjectionSystem system)
{
    private static readonly ISwitchGate[] Gates =
    [
        new CaughtUpGate(),
        new LateEventsGate(),
        new ExternalGate(),
        new SeedProvenGate(),
        new RowTypeGate(),
        new ReactionsGate(),
        new FeedGate(),
        new IndexesValidGate(),
        new StatisticsFreshGate(),
        new NotSmallerGate(),
        new ContractGate(),
        new DependantsGate(),
        new AccessGate(),
        new QueriesGate(),
        new VerifiedGate(),
        new ApprovalGate(),
        new NoOldSnapshotGate(),
    ];

    /// <summary>Switches reads of projections to versions, all in one transaction.</summary>
    /// <param name="to">The versions, of as many projections; the command's own is the first.</param>
    /// <param name="command">How to go about it.</param>
    /// <param name="context">Who asks.</param>
    /// <param name="cancellationToken">Calls it off, as long as it is not being committed.</param>
    /// <exception cref="SwitchRefused">A gate is shut, or the lock could not be had; reads stay where they are.</exception>
    /// <exception cref="OutcomeUnknown">The connection broke while the switch was committed, and the database stays away.</exception>
    public async Task<SwitchResult> RunAsync(IReadOnlyList<VersionId> to, SwitchingCommand command, CommandContext context, CancellationToken cancellationToken)
    {
        using var span = new SwitchSpan(system, to);
        try
        {
            var result = await new SwitchRun(system, to, command, context).RunAsync(cancellationToken);
            span.Outcome = result.AlreadyDone ? "already-done" : "done";
            return result;
        }
        catch (SwitchRefused)
        {
            span.Outcome = "refused";
            throw;
        }
        catch (OutcomeUnknown)
        {
            span.Outcome = "unknown";
            throw;
        }
    }

    /// <summary>What a switch would do to the read name's columns, without doing it.</summary>
    public async Task<ReadNameChange?> PreviewAsync(VersionId to, bool keepContract, CancellationToken cancellationToken)
    {
        await using var connection = await system.ReadModels.OpenConnectionAsync(cancellationToken);
        var view = await ReadName.ReadAsync(connection, system.Options.Schema, to.Projection.Value, cancellationToken);
        var table = await ReadName.ReadAsync(connection, system.Options.Schema, to.Table, cancellationToken);
        return table is null
            ? null
            : ReadNameChange.From(view?.Columns, table.Columns, keepContract ? view?.Columns.Select(column => column.Name).ToList() : null);
    }

    /// <summary>Asks the gates whether a switch would be refused at present, without doing it.</summary>
    /// <returns>The gates that are shut; empty when all are open.</returns>
    public async Task<IReadOnlyList<GateFailure>> CheckAsync(VersionId to, SwitchingCommand command, CancellationToken cancellationToken)
    {
        try
        {
            return await AskGatesAsync(await ReadAsync(to, cancellationToken), to, command, who: null, cancellationToken);
        }
        catch (SwitchRefused refused)
        {
            return refused.Failures;
        }
    }

    internal async Task<ProjectionSnapshot> ReadAsync(VersionId to, CancellationToken cancellationToken)
    {
        var projection = await system.Catalog.ReadAsync(to.Projection, cancellationToken);
        return projection?.Find(to.Number) is not null
            ? projection
            : throw new SwitchRefused([to], [new GateFailure("known", $"there is no {to} in the catalog.", $"Build it first with 'projections rebuild {to.Projection} --to {to.Number}'.")]);
    }

    internal async Task<IReadOnlyList<GateFailure>> AskGatesAsync(
        ProjectionSnapshot projection, VersionId to, SwitchingCommand command, string? who, CancellationToken cancellationToken)
    {
        await using var connection = await system.ReadModels.OpenConnectionAsync(cancellationToken);
        var candidate = new SwitchCandidate(system, connection, projection, projection.Find(to.Number)!, system.Registry.Find(to), command, who);
        var failures = new List<GateFailure>();
        foreach (var gate in Gates)
        {
            if (await gate.CheckAsync(candidate, cancellationToken) is { } failure)
            {
                failures.Add(failure);
            }

            // Without rows that count, the other gates would only repeat it in other words.
            if (gate is CaughtUpGate && failures.Count > 0)
            {
                break;
            }
        }

        return failures;
    }
}
