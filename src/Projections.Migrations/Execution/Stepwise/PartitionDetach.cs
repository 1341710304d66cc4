using Npgsql;
using Projections.Migrations.Parsing;
using Projections.Postgres;

namespace Projections.Migrations.Execution.Stepwise;

/// <summary><c>ALTER TABLE parent DETACH PARTITION child CONCURRENTLY</c>, which commits in the middle of its work.</summary>
internal static class PartitionDetach
{
    /// <returns><c>null</c> when the statement is none of these; otherwise whether the partition is detached, which a detachment that
    /// had only begun is afterwards, too.</returns>
    public static async Task<bool?> IsFinishedAsync(NpgsqlConnection connection, SqlStatement statement, CancellationToken cancellationToken)
    {
        var at = statement.IndexOf("detach", "partition");
        if (at < 0 || !statement.Has("concurrently"))
        {
            return null;
        }

        var child = SqlNames.QualifiedAt(statement, at + 2);
        var isPending = await connection.QueryAsync(
            "SELECT inhdetachpending FROM pg_inherits WHERE inhrelid = to_regclass($1)", row => row.GetBoolean(0), cancellationToken, child);
        if (isPending is [true])
        {
            var parent = statement.Text[..(statement.Tokens[at].Offset - statement.Tokens[0].Offset)];
            await connection.ExecuteLongAsync($"{parent} DETACH PARTITION {child} FINALIZE", cancellationToken);
            return true;
        }

        return isPending.Count == 0;
    }
}
