using System.Diagnostics;
using Npgsql;

namespace Projections.PostgresEvents.Reading;

/// <summary>Waits for the server each time no longer than a limit, and counts how long it was waited for all in all.</summary>
internal sealed class Patience(TimeSpan limit, CancellationToken cancellationToken) : IDisposable
{
    private readonly CancellationTokenSource _ends = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);

    /// <summary>How long it was waited for so far.</summary>
    public TimeSpan Waited { get; private set; }

    /// <exception cref="ServerSilent">The limit, or the connection's own timeout, has passed; the connection is broken.</exception>
    public async ValueTask<T> WaitAsync<T>(Func<CancellationToken, ValueTask<T>> server)
    {
        var began = Stopwatch.GetTimestamp();
        _ends.CancelAfter(limit);
        try
        {
            return await server(_ends.Token);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested
            && exception is OperationCanceledException or NpgsqlException { InnerException: TimeoutException })
        {
            throw new ServerSilent(exception);
        }
        finally
        {
            _ends.CancelAfter(Timeout.InfiniteTimeSpan);
            Waited += Stopwatch.GetElapsedTime(began);
        }
    }

    public void Dispose() => _ends.Dispose();
}
