using System.Security.Cryptography;
using Npgsql;
using Projections.Postgres;

namespace Projections.Migrations.Copies;

/// <summary>
/// A database of its own, on which anything may be tried; it is dropped when it is disposed. What a run that was killed left behind, the next one
/// drops: its name says since when it is there, and a run that lives always has a session in its own.
/// </summary>
internal sealed class ThrowAwayDatabase : IAsyncDisposable
{
    private readonly string _server;
    private readonly string _name;
    private NpgsqlConnection? _sign;

    private ThrowAwayDatabase(string server, string name)
    {
        _server = server;
        _name = name;

        // Without a pool nobody gets a session with another one's settings, and none is left when the database is dropped.
        DataSource = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(server) { Database = name, Pooling = false, IncludeErrorDetail = true, IncludeFailedBatchedCommand = true }.ConnectionString);
    }

    public NpgsqlDataSource DataSource { get; }

    public string Name => _name;

    /// <param name="server">A connection to any database of the server.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="MigrationRefused">The role may not create databases there.</exception>
    public static async Task<ThrowAwayDatabase> CreateAsync(string server, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(server, cancellationToken);
        await DropAbandonedAsync(connection, cancellationToken);
        var now = await connection.ScalarAsync<string>("SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYYMMDDHH24MISS')", cancellationToken);
        var name = $"throwaway_{now}_{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}";
        try
        {
            await connection.ExecuteLongAsync($"CREATE DATABASE {SqlName.Quote(name)} TEMPLATE template0", cancellationToken);
        }
        catch (PostgresException denied) when (denied.IsAboutRights)
        {
            throw new MigrationRefused([NoRight(new NpgsqlConnectionStringBuilder(server))]);
        }

        var database = new ThrowAwayDatabase(server, name);
        try
        {
            await database.SignAsync(cancellationToken);
            return database;
        }
        catch
        {
            await database.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_sign is not null)
        {
            await _sign.DisposeAsync();
        }

        await DataSource.DisposeAsync();
        await using var connection = await OpenAsync(_server, CancellationToken.None);
        await connection.ExecuteLongAsync($"DROP DATABASE IF EXISTS {SqlName.Quote(_name)} WITH (FORCE)", CancellationToken.None);
    }

    // The session that says that somebody is at work here, for as long as this process lives.
    private async Task SignAsync(CancellationToken cancellationToken)
    {
        _sign = await DataSource.OpenConnectionAsync(cancellationToken);
        await _sign.ExecuteLongAsync("SET idle_session_timeout = 0", cancellationToken);
    }

    // A minute is for whoever has created one just now and is not in it yet.
    private static async Task DropAbandonedAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var abandoned = await connection.QueryAsync(
            """
            SELECT d.datname::text FROM pg_database d
             WHERE d.datname ~ '^throwaway_[0-9]{14}_' AND pg_has_role(d.datdba, 'USAGE')
               AND substr(d.datname, 11, 14) < to_char(clock_timestamp() AT TIME ZONE 'UTC' - interval '1 minute', 'YYYYMMDDHH24MISS')
               AND NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.datid = d.oid)
            """,
            row => row.GetString(0), cancellationToken);
        foreach (var name in abandoned)
        {
            try
            {
                await connection.ExecuteLongAsync($"DROP DATABASE {SqlName.Quote(name)}", cancellationToken);
            }
            catch (PostgresException)
            {
                // Another run was quicker, or somebody looks into it: it is no matter of this run.
            }
        }
    }

    private static Refusal NoRight(NpgsqlConnectionStringBuilder server) => new(
        "no-copy",
        $"Migrations are tried on a throw-away copy of the schema, a database of its own, and the role '{server.Username}' may not create databases on {server.Host}. Grant it (ALTER ROLE {SqlName.Quote(server.Username ?? "the_role")} CREATEDB), or name another server for the copy by --copy-server, which is kinder to production. The check alone can do without, and sees less: --copy transaction.");

    private static async Task<NpgsqlConnection> OpenAsync(string server, CancellationToken cancellationToken)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(server) { Pooling = false }.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        return connection;
    }
}
