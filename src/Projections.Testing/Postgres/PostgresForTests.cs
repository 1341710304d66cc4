using Projections.LocalPostgres;

namespace Projections.Testing;

/// <summary>
/// The one PostgreSQL server of a test process: the server that <see cref="ServerVariable"/> names, or else a private cluster that is
/// started when the first test asks for it and ends with the process.
/// </summary>
public static class PostgresForTests
{
    /// <summary>A connection string with the right to create databases; it replaces the private cluster.</summary>
    public const string ServerVariable = "PROJECTIONS_TEST_POSTGRES";

    private static readonly Lazy<Task<string>> Server = new(StartAsync);
    private static readonly Lazy<string?> BinariesReason = new(FindBinaries);
    private static LocalPostgresCluster? cluster;
    private static int databases;

    private static string? NamedServer =>
        Environment.GetEnvironmentVariable(ServerVariable) is { Length: > 0 } named ? named : null;

    /// <summary>Why tests that need a server cannot run here, or <c>null</c> when they can.</summary>
    public static string? SkipReason => NamedServer is null ? OwnClusterSkipReason : null;

    /// <summary>Why tests that start and stop servers of their own cannot run here, or <c>null</c> when they can.</summary>
    public static string? OwnClusterSkipReason => BinariesReason.Value;

    /// <summary>The server's connection string, for the database <c>postgres</c> or the one that was named.</summary>
    public static Task<string> GetConnectionStringAsync() => Server.Value;

    /// <summary>Creates an empty database that is dropped when it is disposed.</summary>
    /// <param name="name">The beginning of its name; the rest makes it unique.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    public static async Task<TestDatabase> CreateDatabaseAsync(string name = "test", CancellationToken cancellationToken = default)
    {
        var server = await GetConnectionStringAsync();
        var unique = $"{name}_{Environment.ProcessId}_{Interlocked.Increment(ref databases)}_{Guid.NewGuid():n}";
        return await TestDatabase.CreateAsync(server, unique[..Math.Min(unique.Length, 63)], cancellationToken);
    }

    private static async Task<string> StartAsync()
    {
        if (NamedServer is { } named)
        {
            return named;
        }

        // Held for the life of the process; what it started is cleaned up when the process ends.
        cluster = await LocalPostgresCluster.StartAsync();
        return cluster.ConnectionString;
    }

    private static string? FindBinaries()
    {
        try
        {
            PostgresBinaries.Find();
            return null;
        }
        catch (PostgresBinariesMissing missing)
        {
            return $"{missing.Message} Or set {ServerVariable} to a server's connection string.";
        }
    }
}
