using Microsoft.Extensions.Logging;
using Projections.Definitions;

namespace Projections.Hosting.Configuration;

/// <summary>A system made from the settings, and the connections to the event store that it reads by once it is open.</summary>
/// <param name="registry">The declared versions.</param>
/// <param name="settings">The settings.</param>
/// <param name="loggers">Where the system says what it does.</param>
internal sealed class ConfiguredSystem(ProjectionRegistry registry, HostSettings settings, ILoggerFactory loggers) : IAsyncDisposable
{
    private EventConnection? _events;

    public ProjectionSystem System { get; } = new(registry, settings.ReadModels, settings.Engine, loggers);

    /// <inheritdoc cref="SystemOpening.OpenAsync(ProjectionSystem, HostSettings, CancellationToken)"/>
    public async Task OpenAsync(CancellationToken cancellationToken) => _events = await SystemOpening.OpenAsync(System, settings, cancellationToken);

    /// <inheritdoc cref="SystemOpening.OpenForWorkAsync"/>
    public async Task OpenForWorkAsync(CancellationToken cancellationToken) => _events = await SystemOpening.OpenForWorkAsync(System, settings, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await System.DisposeAsync();
        if (_events is not null)
        {
            await _events.DisposeAsync();
        }
    }
}
