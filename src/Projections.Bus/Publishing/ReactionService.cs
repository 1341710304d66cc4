using MassTransit;
using Microsoft.Extensions.Hosting;
using Projections.Catalog;
using Projections.Catalog.Reactions;
using Projections.Serving;

namespace Projections.Bus.Publishing;

/// <summary>Passes messages of the reactions of all databases on to the bus as long as the program runs.</summary>
internal sealed class ReactionService(ServedDatabases databases, IBus bus) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => databases.ForEachAsync(
        (system, stop) => new OutboxRelay<WaitingMessage>(system, new ReactionQueue(system), new ReactionPublisher(bus, system.Database)).RunAsync(stop), stoppingToken);
}
