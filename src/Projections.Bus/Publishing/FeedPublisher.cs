using System.Text;
using MassTransit;
using Projections.Catalog;
using Projections.Catalog.Feeds;
using Projections.Contracts;

namespace Projections.Bus.Publishing;

/// <summary>Publishes what of a database's feeds is passed on; the broker has confirmed it when it returns.</summary>
internal sealed class FeedPublisher(IBus bus, string? database) : IPublisher<FeedStretch>
{
    public Task PublishAsync(FeedStretch item, CancellationToken cancellationToken) => bus.Publish(
        new ReadModelChanged
        {
            Projection = item.Projection.Value,
            After = item.After.ToString(),
            Messages = [.. item.Messages.Select(message => new ReadModelMessage
            {
                Kind = message.Name, Cursor = message.Cursor!.Value.ToString(), Json = Encoding.UTF8.GetString(message.Json.Span),
            })],
        },
        context =>
        {
            context.MessageId = item.Id;
            context.NameDatabase(database);
        },
        cancellationToken);
}
