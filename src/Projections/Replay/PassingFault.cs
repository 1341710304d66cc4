using System.Net.Sockets;
using Npgsql;
using Projections.Events;

namespace Projections.Replay;

/// <summary>Tells faults that pass by themselves from those that come back each time.</summary>
public static class PassingFault
{
    /// <summary>
    /// Whether the work should be tried again from the checkpoint: the server was restarted, the connection broke, a
    /// deadlock was resolved against us. What remains (a constraint violated, a table gone, a right missing) would fail again.
    /// </summary>
    public static bool Is(Exception exception) => exception switch
    {
        EventSourceUnavailable => true,
        PostgresException postgres => postgres.IsTransient || postgres.SqlState[..2] is "57" or "08" or "40" or "53" or "55" or "58",
        NpgsqlException or TimeoutException or IOException or SocketException => true,
        AggregateException { InnerException: { } inner } => Is(inner),
        // Npgsql says so when it notices between two statements that the connection broke.
        InvalidOperationException { InnerException: null, Source: "Npgsql" } => true,
        _ => false,
    };
}
