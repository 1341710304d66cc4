namespace Projections.Migrations.Tenants;

/// <summary>One tenant's migrations failed or were refused; the other tenants' went on.</summary>
/// <param name="Schema">The tenant.</param>
/// <param name="Reason">Why.</param>
public sealed record TenantFailure(string Schema, Exception Reason);
