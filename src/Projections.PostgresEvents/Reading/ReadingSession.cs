using Npgsql;

namespace Projections.PostgresEvents.Reading;

/// <summary>A connection by which a range of events, or a question about them, is read, with the snapshot that was taken for it if there is one.</summary>
internal sealed class ReadingSession(NpgsqlConnection connection) : IAsyncDisposable
{
    public NpgsqlConnection Connection => connection;

    public NpgsqlTransaction? Snapshot { get; set; }

    /// <summary>Gives the snapshot up, so that it holds nothing back while the reader digests what was read.</summary>
    public async ValueTask EndAsync(CancellationToken cancellationToken)
    {
        if (Snapshot is { } snapshot)
        {
            Snapshot = null;
            await snapshot.CommitAsync(cancellationToken);
        }
    }

    /// <summary>A snapshot that is still there ends with the connection.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await connection.DisposeAsync();
        }
        catch (Exception exception) when (StoreErrors.IsFromStore(exception))
        {
            // The server has ended it already, as a standby does where a snapshot is in the way of its recovery. What was to be read was read, or has failed by itself.
        }
    }
}
