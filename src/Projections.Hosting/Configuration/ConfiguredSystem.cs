using Microsoft.Extensions.Logging;
using Projections.Definitions;
using Projections.Serving;

namespace Projections.Hosting.Configuration;

/// <summary>A system made from the settings, and the connections to the event store that it reads by once it is open.</summary>
/// <param name="registry">The declared versions.</param>
/// <param name="settings">The settings.</param>
/// <param name="loggers">Where the system says what it does.</param>
/// <param name="place">Its place among others of the process; <c>null</c> for the only one.</param>
/// <param name="time">The clock.</param>
internal sealed class ConfiguredSystem(ProjectionRegistry registry, HostSettings settings, ILoggerFactory loggers, ServingPlace? place = null, TimeProvider? time = null) : IAsyncDisposable
{
    private readonly HostSettings _settings = settings with { Database = place?.Database, EventConnections = place?.Connections.Events };
    private EventConnection? _events;

    public ProjectionSystem System { get; } = new(registry, settings.ReadModels, settings.Engine, loggers, time, place);

    /// <inheritdoc cref="SystemOpening.OpenAsync(ProjectionSystem, HostSettings, CancellationToken)"/>
    public async Task OpenAsync(CancellationToken cancellationToken) => _events = await SystemOpening.OpenAsync(System, _settings, cancellationToken);

    /// <inheritdoc cref="SystemOpening.OpenForWorkAsync"/>
    public async Task OpenForWorkAsync(CancellationToken cancellationToken) => _events = await SystemOpening.OpenForWorkAsync(System, _settings, cancellationToken);

    /// <inheritdoc cref="SystemOpening.OpenNowForWorkAsync"/>
    public async Task OpenNowForWorkAsync(CancellationToken cancellationToken) => _events = await SystemOpening.OpenNowForWorkAsync(System, _settings, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await System.DisposeAsync();
        if (_events is not null)
        {
            await _events.DisposeAsync();
        }
    }
}
