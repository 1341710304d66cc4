using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Projections.Bus;
using Projections.Exporting;
using Projections.Hosting;
using Projections.Hosting.Configuration;
using Projections.Hosting.Databases;
using Projections.Scheduling;
using Projections.Web;

namespace Projections.CommandLine.Service;

/// <summary>What <c>run</c> consists of: the worker, the doors to it that are configured, and what a team's program adds.</summary>
internal sealed class WorkerProgram : IAsyncDisposable
{
    /// <summary>How long a stop may take: shorter than what containers are usually given before they are killed.</summary>
    private static readonly TimeSpan GracePeriod = TimeSpan.FromSeconds(25);

    private readonly IHost _host;

    private WorkerProgram(IHost host) => _host = host;

    /// <summary>Where the page is, or <c>null</c> when nobody listens.</summary>
    public Uri? Page => _host.Services.GetRequiredService<WebDoor>().Address;

    /// <summary>Completes when the worker has stopped; fails when it could not go on.</summary>
    public Task Completion => _host.Services.GetService<DatabaseService>()?.Completion ?? _host.Services.GetRequiredService<WorkerService>().Completion;

    /// <summary>Puts it together, and starts it once the system could be opened; until then whoever asks for its health is told that it starts.</summary>
    /// <exception cref="WebOptionsInvalid">The address cannot be listened on.</exception>
    /// <exception cref="DatabaseUnreachable">A database cannot be reached, or does not let us in.</exception>
    public static Task<WorkerProgram> StartAsync(
        ConfiguredSystem system, IConfiguration configuration, WebOptions web, ProjectionsProgramBuilder own, CancellationToken cancellationToken) =>
        StartAsync(services => services.AddProjections(system.System), system.System.Loggers, system.OpenForWorkAsync, configuration, web, own, cancellationToken);

    /// <summary>Puts it together and starts it; the databases are opened one by one, and none keeps the others, or the program, waiting.</summary>
    /// <exception cref="WebOptionsInvalid">The address cannot be listened on.</exception>
    public static Task<WorkerProgram> StartAsync(
        DatabaseList list, DatabaseParts parts, IConfiguration configuration, WebOptions web, ProjectionsProgramBuilder own, CancellationToken cancellationToken) =>
        StartAsync(services => services.AddProjections(list, parts), parts.Loggers, _ => Task.CompletedTask, configuration, web, own, cancellationToken);

    private static async Task<WorkerProgram> StartAsync(
        Action<IServiceCollection> addProjections,
        ILoggerFactory loggers,
        Func<CancellationToken, Task> openAsync,
        IConfiguration configuration,
        WebOptions web,
        ProjectionsProgramBuilder own,
        CancellationToken cancellationToken)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddConfiguration(configuration);
        builder.Services.AddSingleton(loggers);
        builder.Services.AddSingleton<IHostLifetime, OwnLifetime>();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = GracePeriod);
        addProjections(builder.Services);
        builder.Services.AddCatchUpChecks(configuration);
        builder.Services.AddProjectionsBus(configuration);
        builder.Services.AddProjectionsTelemetry(configuration);
        builder.Services.AddProjectionsWeb(web);
        own.AddTo(builder.Services, configuration);
        var program = new WorkerProgram(builder.Build());
        try
        {
            await program._host.Services.GetRequiredService<WebDoor>().OpenAsync(cancellationToken);
            await openAsync(cancellationToken);
            await program._host.StartAsync(cancellationToken);
            return program;
        }
        catch
        {
            await program.DisposeAsync();
            throw;
        }
    }

    /// <summary>Stops what listens, finishes and commits what is in hand, and gives the leases up.</summary>
    public Task StopAsync() => _host.StopAsync();

    public ValueTask DisposeAsync() => ((IAsyncDisposable)_host).DisposeAsync();
}
