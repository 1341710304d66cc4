using Projections.Testing;

namespace Projections.PostgresEvents.Tests.Vendors;

/// <summary>A <c>[Fact]</c> that needs PostgreSQL and a store's own package; skipped, with the reason, where one is missing.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class VendorFactAttribute : FactAttribute
{
    public override string? Skip
    {
        get => base.Skip ?? PostgresForTests.SkipReason ?? NpmPackages.SkipReason;
        set => base.Skip = value;
    }
}
