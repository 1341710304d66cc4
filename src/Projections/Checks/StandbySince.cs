using Npgsql;
using Projections.Catalog;
using Projections.Postgres;

namespace Projections.Checks;

/// <summary>Since when a version stands by, as the audit trail has it.</summary>
internal static class StandbySince
{
    /// <returns><c>null</c> when it does not stand by.</returns>
    public static async Task<DateTime?> ReadAsync(NpgsqlConnection connection, VersionSnapshot version, CancellationToken cancellationToken)
    {
        if (version.State != VersionState.Standby)
        {
            return null;
        }

        var found = await connection.QueryAsync(
            """
            select max(at) from projections.transition
            where projection = $1 and number = $2 and to_state = 'standby' and from_state is distinct from to_state
            """,
            row => row.GetNullableValue<DateTime>(0),
            cancellationToken,
            version.Id.Projection.Value,
            version.Id.Number);
        return found[0];
    }
}
