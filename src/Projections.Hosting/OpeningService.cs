using Microsoft.Extensions.Hosting;
using Projections.Hosting.Configuration;
using Projections.Serving;

namespace Projections.Hosting;

/// <summary>
/// Opens the system when the host starts, before anything else in it starts but the door that tells so: a container makes its services at once, and databases are
/// connected to in a while.
/// </summary>
internal sealed class OpeningService(ServedDatabases databases, ProjectionsBuilder builder, IServiceProvider services)
    : IHostedLifecycleService, IAsyncDisposable
{
    private EventConnection? _events;

    /// <exception cref="DatabaseUnreachable">A database cannot be reached, or does not let us in.</exception>
    public async Task StartingAsync(CancellationToken cancellationToken) =>
        // Where there are many, each is opened by itself, and keeps nobody waiting.
        _events = databases.Only is { } system ? await SystemOpening.OpenForWorkAsync(system, builder.SettingsOf(services), cancellationToken) : null;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_events is not null)
        {
            await _events.DisposeAsync();
        }
    }
}
