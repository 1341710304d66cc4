using Microsoft.Extensions.Hosting;
using Projections.Catalog;
using Projections.Catalog.Announcements;

namespace Projections.Bus.Publishing;

/// <summary>Passes announcements on to the bus as long as the program runs.</summary>
internal sealed class AnnouncementService(ProjectionSystem system, AnnouncementPublisher publisher) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => new OutboxRelay<Announcement>(system, new Outbox(), publisher).RunAsync(stoppingToken);
}
