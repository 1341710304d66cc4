using Projections.Testing;

namespace Projections.ReadModels.Tests;

/// <summary>A spec that needs PostgreSQL; skipped, with the reason, where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class InPostgresFactAttribute : FactAttribute
{
    public InPostgresFactAttribute() => Skip = PostgresForTests.SkipReason;
}
