using System.Net.Security;
using System.Net.Sockets;
using Npgsql;

namespace Projections.Postgres;

/// <summary>Tells faults that pass by themselves from those that come back each time.</summary>
public static class PassingFault
{
    /// <summary>
    /// Whether the work should be tried again from the checkpoint: the server was restarted, the connection broke, a
    /// deadlock was resolved against us. What remains (a constraint violated, a table gone, a right missing) would fail again.
    /// </summary>
    public static bool Is(Exception exception) => exception switch
    {
        IPassingFault fault => fault.WillPass,
        PostgresException postgres => postgres.IsAboutServer,
        NpgsqlException or TimeoutException or IOException or SocketException => true,
        AggregateException { InnerException: { } inner } => Is(inner),
        // Npgsql says so when it notices between two statements that the connection broke.
        InvalidOperationException { InnerException: null, Source: "Npgsql" } => true,
        ObjectDisposedException disposed => IsOfConnection(disposed.ObjectName),
        _ => false,
    };

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
