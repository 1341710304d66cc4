using Npgsql;
using Projections.LocalPostgres;

namespace Projections.TestServers;

/// <summary>A server with a streaming standby, both a test's own, so that it may stop and promote them.</summary>
public sealed class StandbyPair : IAsyncDisposable
{
    private StandbyPair(LocalPostgresCluster primary, LocalPostgresCluster standby)
    {
        Primary = primary;
        Standby = standby;
    }

    public LocalPostgresCluster Primary { get; }

    public LocalPostgresCluster Standby { get; }

    /// <param name="ofStandby">Settings that only the standby has, such as <c>recovery_min_apply_delay</c>.</param>
    public static async Task<StandbyPair> StartAsync(params (string Name, string Value)[] ofStandby)
    {
        var primary = await LocalPostgresCluster.StartAsync(new LocalPostgresOptions { SharedBuffers = 32, MaxConnections = 50 });
        try
        {
            return new StandbyPair(primary, await primary.StartStandbyAsync(ofStandby.ToDictionary(one => one.Name, one => one.Value)));
        }
        catch
        {
            await primary.DisposeAsync();
            throw;
        }
    }

    /// <summary>A further standby of one of the two.</summary>
    public static Task<LocalPostgresCluster> FollowAsync(LocalPostgresCluster upstream) => upstream.StartStandbyAsync();

    /// <summary>Waits until the standby has replayed what the primary has written so far.</summary>
    public async Task CatchUpAsync()
    {
        var written = await ScalarAsync<string>(Primary.ConnectionString, "SELECT pg_current_wal_lsn()::text");
        await Deadline.UntilAsync(
            () => ScalarAsync<bool>(Standby.ConnectionString, $"SELECT pg_last_wal_replay_lsn() >= '{written}'"), isThere => isThere, "replay what the primary has written");
    }

    /// <summary>Makes the standby a server that takes writes.</summary>
    public Task PromoteAsync() => ScalarAsync<bool>(Standby.ConnectionString, "SELECT pg_promote(wait_seconds => 300)");

    /// <summary>Runs a statement in a session of its own.</summary>
    public static async Task<T> ScalarAsync<T>(string connectionString, string sql)
    {
        // Not pooled: a server may have been stopped and started since the last use.
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync() is T value ? value : default!;
    }

    public async ValueTask DisposeAsync()
    {
        await Standby.DisposeAsync();
        await Primary.DisposeAsync();
    }
}
