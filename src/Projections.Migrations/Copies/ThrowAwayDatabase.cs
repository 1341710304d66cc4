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
        DataSource = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(server) { Database = name, Pooling = false, IncludeErrorDetail = true }.ConnectionString);
    }

    public NpgsqlDataSource DataSource { get; }

    public string Name => _name;

    /// <param name="server">A connection to any database of the server.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="MigrationRefused">The role may not create databases there.</exception>
    public static async Task<ThrowAwayDatabase> CreateAsync(string server, CancellationToken cancellationToken)
    {
        var name = $"throwaway_{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}";
        try
        {
            await RunAsync(server, $"CREATE DATABASE {SqlName.Quote(name)} TEMPLATE template0", cancellationToken);
        }
        catch (PostgresException denied) when (denied.IsAboutRights)
        {
            throw new MigrationRefused([NoRight(new NpgsqlConnectionStringBuilder(server))]);
        }

        return new ThrowAwayDatabase(server, name);
    }

    public async ValueTask DisposeAsync()
    {
        await DataSource.DisposeAsync();
        await RunAsync(_server, $"DROP DATABASE IF EXISTS {SqlName.Quote(_name)} WITH (FORCE)", CancellationToken.None);
    }

    private static Refusal NoRight(NpgsqlConnectionStringBuilder server) => new(
        "no-copy",
        $"Migrations are tried on a throw-away copy of the schema, a database of its own, and the role '{server.Username}' may not create databases on {server.Host}. Grant it (ALTER ROLE {SqlName.Quote(server.Username ?? "the_role")} CREATEDB), or name another server for the copy by --copy-server, which is kinder to production. The check alone can do without, and sees less: --copy transaction.");

    private static async Task RunAsync(string server, string sql, CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(server) { Pooling = false }.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        await connection.ExecuteLongAsync(sql, cancellationToken);
    }
}
