using Npgsql;

namespace Projections.Migrations.Running;

/// <summary>
/// Tells whether a pooler such as PgBouncer stands between: it answers the start of a connection with a process number of its own,
/// which is not that of the server's process. Behind a transaction-pooling one, settings of a session and the statement they
/// are for can end up in different sessions.
/// </summary>
internal static class PoolerCheck
{
    /// <exception cref="DirectConnectionNeeded">The connection goes through a pooler.</exception>
    public static async Task EnsureDirectAsync(NpgsqlConnection connection, string what, CancellationToken cancellationToken)
    {
        var serverProcess = await connection.ScalarAsync<int>("SELECT pg_backend_pid()", cancellationToken);
        if (serverProcess != connection.ProcessID)
        {
            throw new DirectConnectionNeeded(what);
        }
    }
}
