using Projections.Migrations.Files;

namespace Projections.Migrations.Running;

/// <summary>A migration that was run.</summary>
/// <param name="Migration">Which.</param>
/// <param name="Direction">Whether it was applied or taken back.</param>
/// <param name="Tenant">In which tenant's schema; <c>null</c> for the service itself.</param>
/// <param name="Took">How long it took, waiting for locks included.</param>
public sealed record MigrationOutcome(Migration Migration, Direction Direction, string? Tenant, TimeSpan Took);
