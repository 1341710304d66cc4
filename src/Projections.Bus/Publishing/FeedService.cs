using MassTransit;
using Microsoft.Extensions.Hosting;
using Projections.Catalog;
using Projections.Catalog.Feeds;
using Projections.Serving;

namespace Projections.Bus.Publishing;

/// <summary>Passes the feeds of all databases that are to be published on to the bus as long as the program runs.</summary>
internal sealed class FeedService(ServedDatabases databases, IBus bus) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => databases.ForEachAsync(
        (system, stop) => new OutboxRelay<FeedStretch>(system, new FeedQueue(system), new FeedPublisher(bus, system.Database)).RunAsync(stop), stoppingToken);
}
