using Projections.Definitions;
using Projections.Postgres;

namespace Projections.Checks;

/// <summary>
/// Which fires of a projection's schedule have taken place. Every worker's clock strikes; the first to claim a fire has it,
/// and clocks that differ do no harm.
/// </summary>
internal static class CheckFires
{
    /// <summary>When the schedule fired last; notes <paramref name="now"/> for one that never did, for nothing was missed then.</summary>
    public static async Task<DateTimeOffset> ReadLastAsync(
        ProjectionSystem system, ProjectionName projection, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var connection = await system.ReadModels.OpenConnectionAsync(cancellationToken);
        await connection.ExecuteAsync(
            "insert into projections.check_schedule (projection, last_fire, claimed_by) values ($1, $2, $3) on conflict do nothing",
            cancellationToken, projection.Value, now.UtcDateTime, system.Name);
        var last = await connection.ScalarAsync<DateTime>(
            "select last_fire from projections.check_schedule where projection = $1", cancellationToken, projection.Value);
        return new DateTimeOffset(last, TimeSpan.Zero);
    }

    /// <summary>Claims a fire.</summary>
    /// <param name="system">Whose worker claims it.</param>
    /// <param name="projection">The projection.</param>
    /// <param name="scheduled">When it was due. Of several that were missed, the first: the claim is for all of them.</param>
    /// <param name="now">When it takes place.</param>
    /// <param name="cancellationToken">Cancels the claim.</param>
    /// <returns>Whether it is to take place here; else it has taken place already, or does so elsewhere.</returns>
    public static async Task<bool> TryClaimAsync(
        ProjectionSystem system, ProjectionName projection, DateTimeOffset scheduled, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var connection = await system.ReadModels.OpenConnectionAsync(cancellationToken);
        var claimed = await connection.ExecuteAsync(
            """
            insert into projections.check_schedule as s (projection, last_fire, claimed_by) values ($1, greatest($2, $3), $4)
            on conflict (projection) do update set last_fire = excluded.last_fire, claimed_by = excluded.claimed_by
            where s.last_fire < $2
            """,
            cancellationToken,
            projection.Value, scheduled.UtcDateTime, now.UtcDateTime, system.Name);
        return claimed == 1;
    }
}
