using Projections.Testing;

namespace Projections.TestServers;

/// <summary>A <c>[Fact]</c> that needs PostgreSQL; skipped, with the reason, where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PostgresFactAttribute : FactAttribute
{
    private string? _skip;

    /// <summary>Whether the test starts a server of its own, so that a named server is not enough.</summary>
    public bool OwnCluster { get; set; }

    public override string? Skip
    {
        get => _skip ?? (OwnCluster ? PostgresForTests.OwnClusterSkipReason : PostgresForTests.SkipReason);
        set => _skip = value;
    }
}
