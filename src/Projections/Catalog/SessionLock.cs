using Npgsql;
using Projections.Postgres;

namespace Projections.Catalog;

/// <summary>The right of one worker to a piece of work that needs no lease: an advisory lock of a session, which goes when the worker dies.</summary>
internal sealed class SessionLock : IAsyncDisposable
{
    private readonly NpgsqlConnection _connection;

    private SessionLock(NpgsqlConnection connection) => _connection = connection;

    /// <param name="readModels">The database.</param>
    /// <param name="kind">The kind of work: any number that nothing else in the database uses.</param>
    /// <param name="number">Which of its kind.</param>
    /// <param name="cancellationToken">Cancels the asking.</param>
    /// <returns>The lock, or <c>null</c> when another worker has it.</returns>
    public static async Task<SessionLock?> TryTakeAsync(NpgsqlDataSource readModels, int kind, int number, CancellationToken cancellationToken)
    {
        var connection = await readModels.OpenConnectionAsync(cancellationToken);
        try
        {
            if (await connection.ScalarAsync<bool>("select pg_try_advisory_lock($1, $2)", cancellationToken, kind, number))
            {
                return new SessionLock(connection);
            }
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }

        await connection.DisposeAsync();
        return null;
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await _connection.ExecuteAsync("select pg_advisory_unlock_all()", CancellationToken.None);
        }
        catch (Exception exception) when (exception is NpgsqlException or InvalidOperationException or IOException)
        {
            // The connection is broken; with it went the lock.
        }

        await _connection.DisposeAsync();
    }
}
