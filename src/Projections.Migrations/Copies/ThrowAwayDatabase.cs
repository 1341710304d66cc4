using System.Security.Cryptography;
using Npgsql;
using Projections.Postgres;

namespace Projections.Migrations.Copies;

/// <summary>A database of its own, on which anything may be tried; it is dropped when it is disposed.</summary>
internal sealed class ThrowAwayDatabase : IAsyncDisposable
{
    private readonly string _server;
    private readonly string _name;

    private ThrowAwayDatabase(string server, string name)
    {
        _server = server;
        _name = name;

        // Without a pool nobody gets a session with another one's settings, and none is left when the database is dropped.
        DataSource = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(server) { Database = name, Pooling = false }.ConnectionString);
    }

    public NpgsqlDataSource DataSource { get; }

    public string Name => _name;

    /// <param name="server">A connection to any database of the server.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<ThrowAwayDatabase> CreateAsync(string server, CancellationToken cancellationToken)
    {
        var name = $"throwaway_{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}";
        await RunAsync(server, $"CREATE DATABASE {SqlName.Quote(name)} TEMPLATE template0", cancellationToken);
        return new ThrowAwayDatabase(server, name);
    }

    public async ValueTask DisposeAsync()
    {
        await DataSource.DisposeAsync();
        await RunAsync(_server, $"DROP DATABASE IF EXISTS {SqlName.Quote(_name)} WITH (FORCE)", CancellationToken.None);
    }

    private static async Task RunAsync(string server, string sql, CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(server) { Pooling = false }.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        await connection.ExecuteLongAsync(sql, cancellationToken);
    }
}
