using Projections.LocalPostgres;

namespace Projections.Testing;

/// <summary>
/// What a test class asks for when it needs PostgreSQL; in xunit <c>class XTests(PostgresFixture postgres) : IClassFixture&lt;PostgresFixture&gt;</c>.
/// All fixtures of a process share one server (<see cref="PostgresForTests"/>).
/// </summary>
public sealed class PostgresFixture
{
    /// <summary>Creates an empty database; dispose it when the test is over.</summary>
    public Task<TestDatabase> CreateDatabaseAsync(string name = "test", CancellationToken cancellationToken = default) =>
        PostgresForTests.CreateDatabaseAsync(name, cancellationToken);

    /// <summary>
    /// Starts a cluster for this test alone, for tests that stop the server. Where <see cref="PostgresForTests.OwnClusterSkipReason"/>
    /// says something, there cannot be one.
    /// </summary>
    public Task<LocalPostgresCluster> OwnClusterAsync(LocalPostgresOptions? options = null, CancellationToken cancellationToken = default) =>
        LocalPostgresCluster.StartAsync(options, cancellationToken);

    /// <summary>Creates an empty database on a test's own cluster.</summary>
    public static Task<TestDatabase> CreateDatabaseAsync(LocalPostgresCluster cluster, CancellationToken cancellationToken = default) =>
        TestDatabase.CreateAsync(cluster.ConnectionString, "test", cancellationToken);
}
