using MassTransit;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Projections.Bus;

/// <summary>
/// Looks whether a broker lets this worker in, before the library connects. A refusal is final to the library (MassTransit 8.4), however long the
/// program runs; but a wrong password is mended at the broker, too, and nobody restarts all workers for it. What is said here it tries again.
/// </summary>
internal static class Admission
{
    /// <exception cref="ConnectionException">It does not.</exception>
    public static async Task AskAsync(ConnectionFactory broker, string host)
    {
        try
        {
            await using var connection = await broker.CreateConnectionAsync([host], "looks whether it is let in");
        }
        catch (BrokerUnreachableException unreachable) when (unreachable.GetBaseException() is AuthenticationFailureException refusal)
        {
            throw new ConnectionException(
                $"The broker at {host} refuses the user '{broker.UserName}' ({refusal.Message}). Mend Bus:Username and Bus:Password here, or the user there; the worker goes on trying.",
                isTransient: true);
        }
        catch (Exception exception) when (exception is BrokerUnreachableException or OperationInterruptedException)
        {
            // The library finds that, too, and tries again.
        }
    }
}
