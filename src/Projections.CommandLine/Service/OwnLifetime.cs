using Microsoft.Extensions.Hosting;

namespace Projections.CommandLine.Service;

/// <summary>Leaves signals to <see cref="StopRequest"/>, as for every command; .NET's own lifetime would take them too.</summary>
internal sealed class OwnLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
