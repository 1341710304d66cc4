using Npgsql;
using Projections.Postgres;

namespace Projections.Migrations.Execution;

/// <summary>
/// Tells whether a pooler such as PgBouncer stands between: it answers the start of a connection with a process number of its own,
/// which is not that of the server's process. Behind a transaction-pooling one, settings of a session and the statement they
/// are for can end up in different sessions.
/// </summary>
internal static class PoolerCheck
{
    /// <exception cref="MigrationStopped">The connection goes through a pooler.</exception>
    public static async Task EnsureDirectAsync(NpgsqlConnection connection, string what, CancellationToken cancellationToken)
    {
        var serverProcess = await connection.ScalarAsync<int>("SELECT pg_backend_pid()", cancellationToken);
        if (serverProcess != connection.ProcessID)
        {
            throw new MigrationStopped(
                "direct-connection-needed",
                $"{what} cannot run through a connection pooler: it needs the time limits of its own session, and a pooler may hand each statement to another one. Connect to PostgreSQL directly. Migrations that are one transaction work through the pooler.");
        }
    }
}
