using System.Globalization;
using Npgsql;
using Projections.Postgres;

namespace Projections.Switching;

/// <summary>A session that a switch waits for, named so that somebody can be asked, or the session be ended.</summary>
/// <param name="ProcessId">Its process id, for <c>pg_terminate_backend</c>.</param>
/// <param name="User">Its role.</param>
/// <param name="Application">Its application name.</param>
/// <param name="State">What it is doing: <c>active</c>, <c>idle in transaction</c>.</param>
/// <param name="TransactionAge">How long its transaction has been open, or <c>null</c> where that cannot be seen.</param>
internal sealed record BlockingSession(int ProcessId, string? User, string? Application, string? State, TimeSpan? TransactionAge)
{
    internal const string ColumnList = "a.pid, a.usename::text, a.application_name, a.state, clock_timestamp() - a.xact_start";

    internal static BlockingSession Read(NpgsqlDataReader row) =>
        new(row.GetInt32(0), row.GetNullable<string>(1), row.GetNullable<string>(2), row.GetNullable<string>(3), row.GetNullableValue<TimeSpan>(4));

    /// <summary>Who holds or awaits a lock on a relation, other than this session.</summary>
    internal static async Task<IReadOnlyList<BlockingSession>> HoldingAsync(NpgsqlConnection connection, uint relation, CancellationToken cancellationToken) =>
        await connection.QueryAsync(
            $"""
            select distinct {ColumnList}
            from pg_locks l join pg_stat_activity a on a.pid = l.pid
            where l.locktype = 'relation' and l.relation = $1 and l.granted and l.pid <> pg_backend_pid()
              and l.database = (select oid from pg_database where datname = current_database())
            order by 5 desc nulls last limit 10
            """,
            Read,
            cancellationToken,
            relation);

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"process {ProcessId} ({User ?? "unknown role"}{(string.IsNullOrEmpty(Application) ? "" : $", {Application}")}, {State ?? "state not visible"}, transaction open for {TransactionAge?.TotalSeconds:0.0} s)");
}
