using Microsoft.Extensions.Hosting;
using Projections.Catalog;
using Projections.Catalog.Reactions;

namespace Projections.Bus.Publishing;

/// <summary>Passes messages of reactions on to the bus as long as the program runs.</summary>
internal sealed class ReactionService(ProjectionSystem system, ReactionPublisher publisher) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => new OutboxRelay<WaitingMessage>(
        system, new ReactionQueue(system), publisher).RunAsync(stoppingToken);
}
