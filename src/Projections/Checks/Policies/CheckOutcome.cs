using Npgsql;
using Projections.Catalog;

namespace Projections.Checks.Policies;

/// <summary>What the policies decide on: the verdicts of a check that has just been recorded.</summary>
/// <param name="System">The system.</param>
/// <param name="Connection">A connection to the read models without a transaction.</param>
/// <param name="Projection">The projection as it was checked.</param>
/// <param name="Records">The verdicts.</param>
/// <param name="Options">What may be done.</param>
internal sealed record CheckOutcome(
    ProjectionSystem System, NpgsqlConnection Connection, ProjectionSnapshot Projection, IReadOnlyList<CheckRecord> Records, CatchUpOptions Options)
{
    public DateTime Now => System.Time.GetUtcNow().UtcDateTime;

    public CheckRecord? Live => Of(Projection.LiveVersion);

    public CheckRecord? Of(int? number) => Records.FirstOrDefault(record => record.Version.Number == number);
}
