using Npgsql;
using Projections.Postgres;

namespace Projections.Migrations.Tenants;

/// <summary>
/// The tenant for whom a transaction works, where tenants share tables and row-level security keeps them apart. Policies compare with
/// <c>current_setting('app.tenant', true)</c>, which is NULL, and so lets no row through, for those who do not say.
/// </summary>
public static class TenantConnection
{
    /// <summary>Says whom the open transaction works for. It ends with the transaction, so a pooled connection carries nothing over.</summary>
    /// <param name="connection">A connection with an open transaction.</param>
    /// <param name="tenant">The tenant.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public static Task SetTenantAsync(this NpgsqlConnection connection, string tenant, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentException.ThrowIfNullOrEmpty(tenant);
        return connection.ExecuteLongAsync("SELECT set_config('app.tenant', $1, true)", cancellationToken, tenant);
    }
}
