using Projections.Testing;

namespace Projections.TestServers;

/// <summary>A <c>[Fact]</c> that needs PostgreSQL; skipped, with the reason, where there is none, or one that is too old.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PostgresFactAttribute : FactAttribute
{
    private string? _skip;

    /// <summary>Whether the test starts a server of its own, so that a named server is not enough.</summary>
    public bool OwnCluster { get; set; }

    /// <summary>The oldest major version of the server that has what the test is about; 0, the default, for any.</summary>
    public int From { get; set; }

    /// <summary>Whether the server's schema is read by <c>pg_dump</c>, which reads no server that is newer than itself.</summary>
    public bool PgDump { get; set; }

    /// <summary>Whether the test starts a standby of a server, which <c>pg_basebackup</c> copies.</summary>
    public bool BaseBackup { get; set; }

    /// <summary>Whether the test runs a program by Node.js.</summary>
    public bool Node { get; set; }

    public override string? Skip
    {
        get => _skip ?? (OwnCluster ? PostgresForTests.OwnClusterSkipReason : PostgresForTests.SkipReason)
            ?? PostgresVersion.WhyNot(From) ?? (PgDump ? PostgresVersion.WhyNoDump() : null) ?? (BaseBackup ? PostgresVersion.WhyNoBaseBackup() : null) ?? (Node ? NodeProgram.WhyNot : null);
        set => _skip = value;
    }
}
