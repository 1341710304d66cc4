using MassTransit;
using Projections.Catalog;
using Projections.Catalog.Announcements;

namespace Projections.Bus.Publishing;

/// <summary>Publishes the announcements of a database; the broker has confirmed them when it returns.</summary>
internal sealed class AnnouncementPublisher(IBus bus, string? database) : IPublisher<Announcement>
{
    public Task PublishAsync(Announcement item, CancellationToken cancellationToken) =>
        bus.Publish(
            (object)AnnouncementMessage.Of(item),
            context =>
            {
                context.MessageId = item.Id;
                context.NameDatabase(database);
            },
            cancellationToken);
}
