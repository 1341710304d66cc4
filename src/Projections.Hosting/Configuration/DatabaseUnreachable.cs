using System.Net.Sockets;
using Npgsql;
using Projections.Postgres;

namespace Projections.Hosting.Configuration;

/// <summary>A database cannot be connected to. The message names it, and never the password.</summary>
internal sealed class DatabaseUnreachable(string message, Exception innerException) : Exception(message, innerException), IPassingFault
{
    /// <summary>A server may be about to start; a wrong password stays wrong.</summary>
    public bool WillPass => PassingFault.Is(InnerException!);

    /// <summary>Opens a connection.</summary>
    /// <param name="database">Where to.</param>
    /// <param name="what">What is there, in words.</param>
    /// <param name="setting">The setting that the connection string came from.</param>
    /// <param name="cancellationToken">Cancels the attempt.</param>
    /// <exception cref="DatabaseUnreachable">It cannot be opened.</exception>
    public static async Task<NpgsqlConnection> OpenAsync(NpgsqlDataSource database, string what, string setting, CancellationToken cancellationToken)
    {
        try
        {
            return await database.OpenConnectionAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is NpgsqlException or SocketException or TimeoutException or IOException or ArgumentException)
        {
            throw new DatabaseUnreachable(
                $"Cannot connect to {what}: {ServerAddress.Of(database.ConnectionString)}: {Reason(exception)} {WayOut(exception)} ('{setting}').", exception);
        }
    }

    private static string Reason(Exception exception) => exception switch
    {
        PostgresException postgres => $"{postgres.MessageText}.",
        { InnerException: { } inner } => $"{inner.Message.TrimEnd('.')}.",
        _ => $"{exception.Message.TrimEnd('.')}.",
    };

    private static string WayOut(Exception exception) => exception switch
    {
        PostgresException { IsAboutLogin: true } => "Check user and password",
        PostgresException { SqlState: PostgresErrorCodes.InvalidCatalogName } => "Create the database, or name another",
        _ => "Check that the server runs and that host and port are right",
    };
}
