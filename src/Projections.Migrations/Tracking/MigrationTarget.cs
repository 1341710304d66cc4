namespace Projections.Migrations.Tracking;

/// <summary>Where a migration runs and is tracked: the service's own schema, or one tenant's.</summary>
/// <param name="Tenant">The tenant's schema, which comes first on the search path; <c>null</c> for the service itself.</param>
/// <param name="Tracking">The tracking table.</param>
public sealed record MigrationTarget(string? Tenant, TrackingTable Tracking)
{
    public static MigrationTarget OfService(MigrationOptions options) =>
        new(null, new TrackingTable(options.TrackingSchema, options.TrackingTable, options.Service));

    public static MigrationTarget OfTenant(MigrationOptions options, string schema) =>
        new(schema, new TrackingTable(schema, options.TrackingTable, options.Service));

    public override string ToString() => Tenant ?? Tracking.Service;
}
