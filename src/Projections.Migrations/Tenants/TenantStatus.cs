using Projections.Migrations.Tracking;

namespace Projections.Migrations.Tenants;

/// <summary>Where one tenant is.</summary>
/// <param name="Schema">The tenant.</param>
/// <param name="Migrations">The state of each migration that runs in every tenant.</param>
public sealed record TenantStatus(string Schema, IReadOnlyList<MigrationStatus> Migrations)
{
    /// <summary>The newest migration that is applied; <c>null</c> when none is.</summary>
    public MigrationStatus? Newest => Migrations.LastOrDefault(status => status.Tracked is not null);

    public int Pending => Migrations.Count(status => status.State is MigrationState.Pending or MigrationState.OutOfOrder);
}
