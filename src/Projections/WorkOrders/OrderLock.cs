using Npgsql;
using Projections.Postgres;

namespace Projections.WorkOrders;

/// <summary>The right of one worker to work on an order: an advisory lock of a session, which goes when the worker dies.</summary>
internal sealed class OrderLock : IAsyncDisposable
{
    /// <summary>Any number that nothing else in the database uses; this one spells "work".</summary>
    public const int Class = 0x776F726B;

    private readonly NpgsqlConnection _connection;

    private OrderLock(NpgsqlConnection connection) => _connection = connection;

    /// <returns>The lock, or <c>null</c> when another worker has it.</returns>
    public static async Task<OrderLock?> TryTakeAsync(NpgsqlDataSource readModels, int order, CancellationToken cancellationToken)
    {
        var connection = await readModels.OpenConnectionAsync(cancellationToken);
        try
        {
            if (await connection.ScalarAsync<bool>("select pg_try_advisory_lock($1, $2)", cancellationToken, Class, order))
            {
                return new OrderLock(connection);
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
