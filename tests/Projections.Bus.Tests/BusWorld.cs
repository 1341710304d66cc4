using MassTransit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Projections.Contracts;
using Projections.Definitions;
using Projections.EndToEnd;
using Projections.EndToEnd.Tallies;

namespace Projections.Bus.Tests;

/// <summary>A service with its door to a bus: a system, a worker, and the consumers and publishers around them.</summary>
internal sealed class BusWorld : IAsyncDisposable
{
    private readonly IHost _host;

    private BusWorld(IHost host, ProjectionSystem system)
    {
        _host = host;
        System = system;
    }

    public ProjectionSystem System { get; }

    public IBus Bus => _host.Services.GetRequiredService<IBus>();

    public IServiceProvider Services => _host.Services;

    /// <summary>Starts it on a world, with settings of the section <c>Bus</c>.</summary>
    public static Task<BusWorld> StartAsync(World world, Action<IServiceCollection>? more = null, params (string Setting, string Value)[] settings) =>
        StartAsync(world, TallyWorld.Both, more, settings);

    /// <summary>Starts it with other versions.</summary>
    public static async Task<BusWorld> StartAsync(
        World world, ProjectionRegistry registry, Action<IServiceCollection>? more = null, params (string Setting, string Value)[] settings)
    {
        var system = await world.OpenAsync(registry, options => options.ReplayCommitInterval = TimeSpan.FromMilliseconds(200));
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create($"Bus:{setting.Setting}", (string?)setting.Value)));
        builder.Services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Warning));
        builder.Services.AddSingleton(system);
        builder.Services.AddProjectionsBus(builder.Configuration);
        more?.Invoke(builder.Services);
        var host = builder.Build();
        await host.StartAsync();
        world.Start(system);
        return new BusWorld(host, system);
    }

    /// <summary>Waits until it is connected and its queues are declared; the program starts without waiting for that.</summary>
    public async Task ConnectedAsync()
    {
        var bus = _host.Services.GetRequiredService<IBusControl>();
        (await bus.WaitForHealthStatus(BusHealthStatus.Healthy, TimeSpan.FromSeconds(60))).ShouldBe(BusHealthStatus.Healthy);
    }

    /// <summary>What keeps it from the broker, or <c>null</c>.</summary>
    public string? FindTrouble() => _host.Services.GetRequiredService<IBusControl>().CheckHealth() is { Status: not BusHealthStatus.Healthy } health
        ? string.Join('\n', health.Endpoints.Values.Select(endpoint => $"{endpoint.Description} {endpoint.Exception}"))
        : null;

    /// <summary>Subscribes to everything.</summary>
    public Heard Listen()
    {
        var heard = new Heard();
        Bus.ConnectReceiveEndpoint($"heard-{Guid.NewGuid():n}", heard.Subscribe).Ready.GetAwaiter().GetResult();
        return heard;
    }

    public static RebuildProjection Rebuild(int version, int? eventsPerSecond = null) => new()
    {
        CommandId = Guid.NewGuid(), Projection = "tally", Version = version, EventsPerSecond = eventsPerSecond, RequestedBy = "ana", Reason = "a new column",
    };

    public static SwitchProjection Switch(int version) => new() { CommandId = Guid.NewGuid(), Projection = "tally", Version = version, RequestedBy = "ana" };

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }
}
