using System.Collections.Concurrent;
using MassTransit;
using Projections.Contracts;
using Projections.EndToEnd.Feeds;
using Projections.Feeds;
using Projections.TestServers;

namespace Projections.Bus.Tests;

/// <summary>What a subscriber heard of a feed, in a queue of its own.</summary>
internal sealed class HeardFeed : IAsyncDisposable
{
    private readonly IBusControl _bus;

    private HeardFeed(Uri broker) => _bus = MassTransit.Bus.Factory.CreateUsingRabbitMq(configure =>
    {
        configure.Host(broker);
        configure.ReceiveEndpoint($"heard-{Guid.NewGuid():n}", endpoint =>
        {
            // One at a time: whoever takes several, handles them in any order.
            endpoint.PrefetchCount = 1;
            endpoint.Handler<ReadModelChanged>(context =>
            {
                Messages.Enqueue((context.MessageId, context.Message));
                return Task.CompletedTask;
            });
        });
    });

    public ConcurrentQueue<(Guid? Id, ReadModelChanged Message)> Messages { get; } = new();

    public static async Task<HeardFeed> StartAsync(Uri broker)
    {
        var heard = new HeardFeed(broker);
        await heard._bus.StartAsync();
        return heard;
    }

    /// <summary>Waits until it has heard of a message.</summary>
    public Task HearsAsync(string cursor) => Deadline.UntilAsync(
        () => Task.FromResult(Messages.LastOrDefault().Message?.Messages[^1].Cursor), last => last == cursor, $"hear {cursor}");

    public async ValueTask DisposeAsync() => await _bus.StopAsync();
}

/// <summary>How a copy takes what comes over the bus, as docs/applications.md says it.</summary>
internal static class BusCopy
{
    public static string CursorText(this FeedCopy copy) => ((FeedStart.AfterCursor)copy.Place).Cursor.ToString();

    /// <summary>Takes a message, with what is missing before it out of the feed itself.</summary>
    /// <returns>Whether nothing was missing.</returns>
    public static async Task<bool> TakeAsync(this FeedCopy copy, ReadModelChanged message)
    {
        var isMissing = message.HasGapBehind(copy.CursorText());
        if (isMissing)
        {
            await copy.ReadAsync();
        }

        foreach (var one in message.Behind(copy.CursorText()))
        {
            FeedCursor.TryParse(one.Cursor, out var cursor).ShouldBeTrue();
            copy.Apply(new FeedMessage(Enum.Parse<FeedMessageKind>(one.Kind, ignoreCase: true), cursor, System.Text.Encoding.UTF8.GetBytes(one.Json)));
        }

        return !isMissing;
    }
}
