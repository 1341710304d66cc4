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
    public ValueTask DisposeAsync() => connection.DisposeAsync();
}
