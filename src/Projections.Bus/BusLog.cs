using System.Runtime.Serialization;
using MassTransit;
using Microsoft.Extensions.Logging;
using Projections.Commands;
using Projections.Faults;
using Projections.Switching;

namespace Projections.Bus;

/// <summary>
/// Says of the bus what an operator needs to know, a line each: that the broker cannot be reached and why, that it can again, and which messages went wrong in a way
/// of which nothing else is said. The library itself writes a page of stack for every try and every refusal.
/// </summary>
internal sealed partial class BusLog(ILogger<BusLog> logger) : IReceiveEndpointObserver, IReceiveObserver
{
    private string? _trouble;

    public Task Ready(ReceiveEndpointReady ready)
    {
        if (Interlocked.Exchange(ref _trouble, null) is not null)
        {
            LogBack(logger, ready.InputAddress.Host);
        }

        return Task.CompletedTask;
    }

    public Task Faulted(ReceiveEndpointFaulted faulted)
    {
        var reason = faulted.Exception?.GetBaseException().Message.TrimEnd('.') ?? "it does not say why";
        // Every queue is told of every try.
        if (Interlocked.Exchange(ref _trouble, reason) != reason)
        {
            LogAway(logger, faulted.InputAddress.Host, reason);
        }

        return Task.CompletedTask;
    }

    public Task ConsumeFault<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType, Exception exception)
        where T : class
    {
        // What is refused or unknown was said by whoever consumed it, to the sender, too.
        if (exception is not (OperationRefused or SwitchRefused or OutcomeUnknown or OperationCanceledException))
        {
            LogFailed(logger, typeof(T).Name, context.MessageId, exception);
        }

        return Task.CompletedTask;
    }

    public Task ReceiveFault(ReceiveContext context, Exception exception)
    {
        if (exception is SerializationException)
        {
            LogUnreadable(logger, context.InputAddress.AbsolutePath.Trim('/'), exception.GetBaseException().Message.TrimEnd('.'));
        }

        return Task.CompletedTask;
    }

    public Task Stopping(ReceiveEndpointStopping stopping) => Task.CompletedTask;

    public Task Completed(ReceiveEndpointCompleted completed) => Task.CompletedTask;

    public Task PreReceive(ReceiveContext context) => Task.CompletedTask;

    public Task PostReceive(ReceiveContext context) => Task.CompletedTask;

    public Task PostConsume<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType)
        where T : class => Task.CompletedTask;

    [LoggerMessage(704, LogLevel.Warning, "The broker at {Host} cannot be reached ({Reason}). No commands are heard by message until it can; all else goes on, and so do the tries.")]
    private static partial void LogAway(ILogger logger, string host, string reason);

    [LoggerMessage(705, LogLevel.Information, "The broker at {Host} is reached again.")]
    private static partial void LogBack(ILogger logger, string host);

    [LoggerMessage(706, LogLevel.Error, "The message {MessageId}, a {Message}, failed and goes to the error queue.")]
    private static partial void LogFailed(ILogger logger, string message, Guid? messageId, Exception exception);

    [LoggerMessage(707, LogLevel.Warning, "A message in {Queue} cannot be read ({Reason}), and goes to the error queue.")]
    private static partial void LogUnreadable(ILogger logger, string queue, string reason);
}
