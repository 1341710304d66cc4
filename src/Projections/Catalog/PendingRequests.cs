using Npgsql;
using Projections.Definitions;
using Projections.Postgres;

namespace Projections.Catalog;

/// <summary>What somebody has asked whoever follows a version to do with its table: dead letters to be folded once more, rows to be repaired, late events to be folded in.</summary>
internal static class PendingRequests
{
    /// <summary>The versions, of one projection or of all, of which something is asked.</summary>
    public static async Task<IReadOnlySet<VersionId>> ReadAsync(NpgsqlConnection connection, ProjectionName? projection, CancellationToken cancellationToken)
    {
        var versions = await connection.QueryAsync(
            """
            select projection, number from projections.dead_letter
            where status = 'retry' and ($1::text is null or projection = $1)
            union
            select projection, number from projections.repair
            where status = 'waiting' and ($1::text is null or projection = $1)
            union
            select projection, number from projections.late_event
            where status = 'waiting' and problem is null and ($1::text is null or projection = $1)
            """,
            row => new VersionId(new ProjectionName(row.GetString(0)), row.GetInt32(1)),
            cancellationToken,
            projection?.Value);
        return versions.ToHashSet();
    }
}
