using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Projections.Bus;
using Projections.Exporting;
using Projections.Host.Configuration;
using Projections.Scheduling;
using Projections.Web;
using Projections.Web.Health;

namespace Projections.Host.Service;

/// <summary>What <c>run</c> consists of: the worker, and the doors to it that are configured.</summary>
internal sealed class WorkerProgram : IAsyncDisposable
{
    /// <summary>How long a stop may take: shorter than what containers are usually given before they are killed.</summary>
    private static readonly TimeSpan GracePeriod = TimeSpan.FromSeconds(25);

    private readonly IHost _host;

    private WorkerProgram(IHost host, Uri? page)
    {
        _host = host;
        Page = page;
    }

    /// <summary>Where the page is, or <c>null</c> when nobody listens.</summary>
    public Uri? Page { get; }

    /// <summary>Completes when the worker has stopped; fails when it could not go on.</summary>
    public Task Completion => _host.Services.GetRequiredService<WorkerService>().Completion;

    /// <summary>Puts it together and starts it.</summary>
    /// <exception cref="SettingsInvalid">The address cannot be listened on.</exception>
    public static async Task<WorkerProgram> StartAsync(ProjectionSystem system, IConfiguration configuration, WebOptions web, CancellationToken cancellationToken)
    {
        var program = Take(web, configuration, system.Loggers) is { } socket
            ? WithWeb(system, configuration, web, socket)
            : new WorkerProgram(Alone(system, configuration), page: null);
        try
        {
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

    private static WorkerProgram WithWeb(ProjectionSystem system, IConfiguration configuration, WebOptions web, Socket socket)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        AddCommon(builder, system, configuration);
        builder.AddProjectionsWeb(web, socket);
        builder.Services.AddHealthChecks().AddCheck<WorkerHealth>("worker", tags: [HealthEndpoints.Live, HealthEndpoints.Ready])
            .AddCheck<WorkHealth>("work", tags: [HealthEndpoints.Ready]);
        builder.Services.PostConfigure<HealthCheckServiceOptions>(checks =>
        {
            // Work goes on while the broker is away.
            foreach (var check in checks.Registrations.Where(check => check.Name.StartsWith("masstransit", StringComparison.Ordinal)))
            {
                check.FailureStatus = HealthStatus.Degraded;
            }
        });
        var app = builder.Build();
        app.UseProjectionsWeb();
        return new WorkerProgram(app, new Uri($"{(web.CertificateFile is null ? "http" : "https")}://{socket.LocalEndPoint}"));
    }

    private static IHost Alone(ProjectionSystem system, IConfiguration configuration)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        AddCommon(builder, system, configuration);
        return builder.Build();
    }

    /// <summary>What the program consists of with or without a page.</summary>
    private static void AddCommon(IHostApplicationBuilder builder, ProjectionSystem system, IConfiguration configuration)
    {
        builder.Configuration.AddConfiguration(configuration);
        builder.Services.AddSingleton(system.Loggers);
        builder.Services.AddSingleton<IHostLifetime, OwnLifetime>();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = GracePeriod);
        // An instance, not a factory: made outside, and closed there.
        builder.Services.AddSingleton(system);
        builder.Services.AddSingleton<WorkerService>();
        builder.Services.AddHostedService(services => services.GetRequiredService<WorkerService>());
        builder.Services.AddProjectionsBus(configuration);
        builder.Services.AddCatchUpChecks(configuration);
        builder.Services.AddProjectionsTelemetry(configuration);
    }

    private static Socket? Take(WebOptions web, IConfiguration configuration, ILoggerFactory loggers)
    {
        if (!ListenAddress.TryParse(web.Listen, out var address) || address.EndPoint is null)
        {
            return null;
        }

        try
        {
            return address.Take();
        }
        catch (SocketException exception) when (!WebSettings.IsAddressChosen(configuration) && exception.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            ServiceLog.NoPage(loggers.CreateLogger<WorkerProgram>(), web.Listen);
            return null;
        }
        catch (SocketException exception)
        {
            throw new SettingsInvalid([$"'Http:Listen' is '{web.Listen}', and that cannot be listened on: {exception.Message}. Choose another address, or 'off'."]);
        }
    }
}
