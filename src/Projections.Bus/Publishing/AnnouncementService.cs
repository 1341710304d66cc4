using MassTransit;
using Microsoft.Extensions.Hosting;
using Projections.Catalog;
using Projections.Catalog.Announcements;
using Projections.Serving;

namespace Projections.Bus.Publishing;

/// <summary>Passes the announcements of all databases on to the bus as long as the program runs.</summary>
internal sealed class AnnouncementService(ServedDatabases databases, IBus bus) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => databases.ForEachAsync(
        (system, stop) => new OutboxRelay<Announcement>(system, new Outbox(system.Database), new AnnouncementPublisher(bus, system.Database)).RunAsync(stop), stoppingToken);
}
