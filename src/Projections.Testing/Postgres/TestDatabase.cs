using Npgsql;
using Projections.Postgres;

namespace Projections.Testing;

/// <summary>A database of a test; dropped, with all its sessions, when it is disposed.</summary>
public sealed class TestDatabase : IAsyncDisposable
{
    private readonly string _server;

    private TestDatabase(string server, string name)
    {
        _server = server;
        Name = name;
        ConnectionString = new NpgsqlConnectionStringBuilder(server) { Database = name }.ConnectionString;
        DataSource = NpgsqlDataSource.Create(ConnectionString);
    }

    /// <summary>The database's name, which is no other's.</summary>
    public string Name { get; }

    /// <summary>Leads to the database.</summary>
    public string ConnectionString { get; }

    /// <summary>Connections to the database; disposed with it.</summary>
    public NpgsqlDataSource DataSource { get; }

    internal static async Task<TestDatabase> CreateAsync(string server, string name, CancellationToken cancellationToken)
    {
        await RunAsync(server, $"CREATE DATABASE {SqlName.Quote(name)}", cancellationToken);
        return new TestDatabase(server, name);
    }

    /// <summary>Runs statements that give no rows.</summary>
    public async Task ExecuteAsync(string sql, CancellationToken cancellationToken = default)
    {
        await using var command = DataSource.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Runs a query and returns its first value.</summary>
    public async Task<T> ScalarAsync<T>(string sql, CancellationToken cancellationToken = default)
    {
        await using var command = DataSource.CreateCommand(sql);
        var value = await command.ExecuteScalarAsync(cancellationToken);
        return value is null or DBNull ? default! : (T)value;
    }

    /// <summary>Drops the database.</summary>
    public async ValueTask DisposeAsync()
    {
        await RollBackPreparedAsync();
        await DataSource.DisposeAsync();
        await RunAsync(_server, $"DROP DATABASE IF EXISTS {SqlName.Quote(Name)} WITH (FORCE)", CancellationToken.None);
    }

    // A failed test may have left some, and then the database could not be dropped.
    private async Task RollBackPreparedAsync()
    {
        var prepared = await ScalarAsync<string[]?>("SELECT array_agg(gid) FROM pg_prepared_xacts WHERE database = current_database()") ?? [];
        foreach (var name in prepared)
        {
            await ExecuteAsync($"ROLLBACK PREPARED {SqlName.Literal(name)}");
        }
    }

    private static async Task RunAsync(string server, string sql, CancellationToken cancellationToken)
    {
        // Not pooled: the server may have been stopped and started since the last use.
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(server) { Pooling = false }.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
