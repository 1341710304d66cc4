
namespace Projections.Catalog.Announcements;

/// <summary>Passes announcements on: over a bus, by mail, into a log. The core does not know where to.</summary>
internal interface IAnnouncementPublisher
{
    /// <summary>Passes one on and returns when it has certainly arrived where it is kept. Whatever it throws, the announcement is
    /// kept and passed on again; so it may arrive twice, with the same <see cref="Announcement.Id"/>.</summary>
    Task PublishAsync(Announcement announcement, CancellationToken cancellationToken);
}
