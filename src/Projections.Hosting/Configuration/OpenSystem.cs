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
    /// <param name="runsTables">Whether the SQL files of all versions are tried; see <see cref="SystemOpening"/>.</param>
    /// <param name="loggers">Where the system says what it does.</param>
    /// <param name="cancellationToken">Cancels the opening.</param>
    /// <exception cref="DatabaseUnreachable">A database cannot be reached, or does not let us in.</exception>
    public static async Task<OpenSystem> OpenAsync(ProjectionRegistry registry, HostSettings settings, bool runsTables, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        var system = new ProjectionSystem(registry, settings.ReadModels, settings.Engine, loggers);
        try
        {
            return new OpenSystem(system, await SystemOpening.OpenAsync(system, settings, runsTables, cancellationToken));
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
