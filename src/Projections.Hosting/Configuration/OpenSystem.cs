using Microsoft.Extensions.Logging;
using Projections.Definitions;

namespace Projections.Hosting.Configuration;

/// <summary>A system made from the settings, with the connections to the event store that it reads by.</summary>
internal sealed class OpenSystem : IAsyncDisposable
{
    private readonly EventConnection _events;

    private OpenSystem(ProjectionSystem system, EventConnection events)
    {
        System = system;
        _events = events;
    }

    public ProjectionSystem System { get; }

    /// <param name="registry">The declared versions.</param>
    /// <param name="settings">The settings.</param>
    /// <param name="forWork">Whether a worker is to use it; see <see cref="SystemOpening.OpenForWorkAsync"/>.</param>
    /// <param name="loggers">Where the system says what it does.</param>
    /// <param name="cancellationToken">Cancels the opening.</param>
    /// <exception cref="DatabaseUnreachable">A database cannot be reached, or does not let us in.</exception>
    public static async Task<OpenSystem> OpenAsync(ProjectionRegistry registry, HostSettings settings, bool forWork, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        var system = new ProjectionSystem(registry, settings.ReadModels, settings.Engine, loggers);
        try
        {
            return new OpenSystem(system, await (forWork ? SystemOpening.OpenForWorkAsync(system, settings, cancellationToken) : SystemOpening.OpenAsync(system, settings, cancellationToken)));
        }
        catch
        {
            await system.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await System.DisposeAsync();
        await _events.DisposeAsync();
    }
}
