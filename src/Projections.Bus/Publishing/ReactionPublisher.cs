using MassTransit;
using Projections.Catalog;
using Projections.Catalog.Reactions;

namespace Projections.Bus.Publishing;

/// <summary>Publishes messages of a database's reactions, each by its own class; the broker has confirmed them when it returns.</summary>
internal sealed class ReactionPublisher(IBus bus, string? database) : IPublisher<WaitingMessage>
{
    /// <summary>The headers that say what a message follows from.</summary>
    public const string Projection = "projection", Reaction = "reaction", Position = "position";

    public Task PublishAsync(WaitingMessage item, CancellationToken cancellationToken) => bus.Publish(
        item.Body,
        item.Body.GetType(),
        context =>
        {
            context.MessageId = item.Id;
            context.NameDatabase(database);
            context.Headers.Set(Projection, item.Reaction.Projection.Value);
            context.Headers.Set(Reaction, item.Reaction.Name);
            context.Headers.Set(Position, item.Position.ToString());
        },
        cancellationToken);
}
