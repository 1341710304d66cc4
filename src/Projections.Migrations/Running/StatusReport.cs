using Projections.Migrations.Tenants;
using Projections.Migrations.Tracking;

namespace Projections.Migrations.Running;

/// <summary>What <c>projections migrate status</c> shows.</summary>
/// <param name="Service">The migrations that run once, in the service itself.</param>
/// <param name="Tenants">Who is where, for those that run in each tenant.</param>
public sealed record StatusReport(IReadOnlyList<MigrationStatus> Service, IReadOnlyList<TenantStatus> Tenants)
{
    /// <summary>Whether everything is applied, and as its file says.</summary>
    public bool IsCurrent => Service.Concat(Tenants.SelectMany(tenant => tenant.Migrations))
        .All(status => status.State is MigrationState.Applied or MigrationState.AppliedLineEndsDiffer);
}
