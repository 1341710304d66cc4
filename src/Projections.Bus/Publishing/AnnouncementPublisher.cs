using MassTransit;
using Projections.Catalog.Announcements;

namespace Projections.Bus.Publishing;

/// <summary>Publishes announcements; the broker has confirmed them when it returns.</summary>
internal sealed class AnnouncementPublisher(IBus bus) : IAnnouncementPublisher
{
    public Task PublishAsync(Announcement announcement, CancellationToken cancellationToken) =>
        bus.Publish((object)AnnouncementMessage.Of(announcement), context => context.MessageId = announcement.Id, cancellationToken);
}
