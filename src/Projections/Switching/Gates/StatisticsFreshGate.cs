using Projections.Definitions;
using Projections.Postgres;
using Projections.Tables;

namespace Projections.Switching.Gates;

/// <summary>The planner knows the table: it has been analyzed, and little has changed since.</summary>
internal sealed class StatisticsFreshGate : ISwitchGate
{
    /// <summary>The gate's name, which the switch knows because it mends what this one finds.</summary>
    public const string Name = "statistics-fresh";

    public string Id => Name;

    public static async Task RefreshAsync(ProjectionSystem system, VersionId version, CancellationToken cancellationToken)
    {
        await using var connection = await system.ReadModels.OpenConnectionAsync(cancellationToken);
        await connection.ExecuteAsync($"analyze {SqlName.Quote(system.Options.Schema, version.Table)}", cancellationToken);
    }

    public async Task<GateFailure?> CheckAsync(SwitchCandidate candidate, CancellationToken cancellationToken)
    {
        var table = SqlName.Quote(candidate.Schema, candidate.Version.Id.Table);
        return (await TableFigures.ReadAsync(candidate.Connection, table, cancellationToken)).AreStale
            ? new GateFailure(Id, $"the planner's statistics of {candidate.Version.Id.Table} are missing or old.", $"Run 'ANALYZE {table}'.")
            : null;
    }
}
