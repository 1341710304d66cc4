using Projections.Definitions;
using Projections.Postgres;

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
        // reltuples is -1 until the first ANALYZE; counts of changes since then are lost with a crash, reltuples is not.
        var stale = await candidate.Connection.ScalarAsync<bool>(
            """
            select c.reltuples < 0
                   or coalesce(pg_stat_get_mod_since_analyze(c.oid), 0) > 0.5 * greatest(c.reltuples, 0) + 1000
            from pg_class c where c.oid = to_regclass($1)
            """,
            cancellationToken,
            table);
        return stale
            ? new GateFailure(Id, $"the planner's statistics of {candidate.Version.Id.Table} are missing or old.", $"Run 'ANALYZE {table}'.")
            : null;
    }
}
