using Projections.Testing;

namespace Projections.TestServers;

/// <summary>A <c>[Fact]</c> that needs PostgreSQL; skipped, with the reason, where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PostgresFactAttribute : FactAttribute
{
    private string? _skip;

    /// <summary>Whether the test starts a server of its own, so that a named server is not enough.</summary>
    public bool OwnCluster { get; set; }

    /// <summary>A variable without which the test is too long to run; skipped, with the reason, where it is not set.</summary>
    public string? AskedForBy { get; set; }

    public override string? Skip
    {
        get => _skip ?? (AskedForBy is { } variable && Environment.GetEnvironmentVariable(variable) is null ? $"A long run; set {variable} to have it." : null) ?? (OwnCluster ? PostgresForTests.OwnClusterSkipReason : PostgresForTests.SkipReason);
        set => _skip = value;
    }
}
