using Projections.Testing;

namespace Projections.Web.Pages;

/// <summary>A <c>[Fact]</c> that needs PostgreSQL and a Chromium; skipped, with the reason, where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ChromiumFactAttribute : FactAttribute
{
    private string? _skip;

    /// <summary>Whether it starts a server of its own.</summary>
    public bool OwnCluster { get; set; }

    public override string? Skip
    {
        get => _skip ?? (OwnCluster ? PostgresForTests.OwnClusterSkipReason : PostgresForTests.SkipReason) ?? Chromium.SkipReason;
        set => _skip = value;
    }
}
