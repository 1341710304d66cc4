using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Projections.Serving;
using Projections.Web.Health;

namespace Projections.Web.Live;

/// <summary>A feed for each database, for as long as it is open.</summary>
internal sealed class StatusFeeds(ServedDatabases databases, StartingState starting, ILogger<StatusFeed> logger) : BackgroundService
{
    private readonly ConcurrentDictionary<ProjectionSystem, StatusFeed> _feeds = new();

    public StatusFeed Of(ProjectionSystem system) => _feeds.GetOrAdd(system, one => new StatusFeed(one, logger, looksWhenAlone: !databases.HaveNames));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Before that there may be nothing to look at.
        await starting.Over.WaitAsync(stoppingToken);
        await databases.ForEachAsync(RunAsync, stoppingToken);
    }

    private async Task RunAsync(ProjectionSystem system, CancellationToken stop)
    {
        try
        {
            await Of(system).RunAsync(stop);
        }
        finally
        {
            _feeds.TryRemove(system, out _);
        }
    }
}
