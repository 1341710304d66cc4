using System.Net.Security;
using System.Net.Sockets;
using Npgsql;

namespace Projections.Postgres;

/// <summary>Tells faults that pass by themselves from those that come back each time.</summary>
public static class PassingFault
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);

    /// <summary>Whoever gave a command waits for its answer.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Whether the work should be tried again from the checkpoint: the server was restarted, the connection broke, a
    /// deadlock was resolved against us. What remains (a constraint violated, a table gone, a right missing) would fail again.
    /// </summary>
    public static bool Is(Exception exception) => exception switch
    {
        IPassingFault fault => fault.WillPass,
        PostgresException postgres => postgres.IsAboutServer,
        NpgsqlException or TimeoutException or IOException or SocketException => true,
        AggregateException { InnerExceptions.Count: > 0 } several => several.InnerExceptions.All(Is),
        // Npgsql says so when it notices between two statements that the connection broke.
        InvalidOperationException { InnerException: null, Source: "Npgsql" } => true,
        // What was disposed of has the reason with it, and its name is the message then.
        ObjectDisposedException { InnerException: not null } disposed => IsOfConnection(disposed.Message),
        ObjectDisposedException disposed => IsOfConnection(disposed.ObjectName),
        _ => false,
    };

    /// <summary>
    /// Does what leaves nothing behind where it fails, again and again for some seconds while it meets what passes by itself: a pool may hold
    /// several connections that broke. A lock that is not to be had is left to the caller, and so is what says itself whether it passes.
    /// </summary>
    /// <param name="work">Does it from the beginning.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends the pauses.</param>
    internal static async Task<T> OutlastAsync<T>(Func<Task<T>> work, TimeProvider time, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        for (var pause = FirstPause; ; pause *= 2)
        {
            try
            {
                return await work();
            }
            catch (Exception exception) when (
                Is(exception) && exception is not (IPassingFault or PostgresException { SqlState: PostgresErrorCodes.LockNotAvailable })
                && time.GetElapsedTime(began) + pause <= Patience)
            {
                // Again.
            }

            await Task.Delay(pause, time, cancellationToken);
        }
    }

    /// <summary>
    /// Whether what repeats itself for as long as the process lives is to be tried again: also when the server refuses (until somebody
    /// mends a right or a password), and when the driver called a statement off by itself.
    /// </summary>
    public static bool IsOfSession(Exception exception) => exception is NpgsqlException or OperationCanceledException || Is(exception);

    // A connection that breaks is disposed of below whoever is using it; the event is what Npgsql waits on where a statement is called off.
    private static bool IsOfConnection(string name) =>
        name.Split('.')[^1] is nameof(NpgsqlConnection) or nameof(NpgsqlTransaction) or nameof(NpgsqlDataReader) or nameof(NpgsqlCommand)
            or nameof(NetworkStream) or nameof(Socket) or nameof(SslStream) or nameof(ManualResetEventSlim);
}
