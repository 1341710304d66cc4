using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Projections.Definitions;
using Projections.Events;
using Projections.PostgresEvents;
using Projections.PostgresEvents.Marten;
using Projections.ReadModels.Invoicing;
using Projections.ReadModels.InvoiceSummary.V1;
using Projections.Testing;
using Projections.TestServers;
using Projections.Workers;

namespace Projections.Web;

/// <summary>A database with events, a worker, and the HTTP door to it on a free port.</summary>
public sealed class WebWorld : IAsyncDisposable
{
    private readonly Worker _worker;
    private bool _isStopped;
    private readonly IHost _host;
    private readonly List<HttpClient> _clients = [];

    private WebWorld(TestDatabase database, ProjectionSystem system, Worker worker, IHost host)
    {
        Database = database;
        System = system;
        _worker = worker;
        _host = host;
        Client = Caller(key: null);
    }

    public TestDatabase Database { get; }

    public ProjectionSystem System { get; }

    public Uri Address => Door.Address!;

    /// <summary>Where health alone is asked for.</summary>
    public Uri HealthAddress => Door.HealthAddress!;

    /// <summary>What is served there, as it was declared.</summary>
    public IEnumerable<Endpoint> Endpoints => Door.Services.GetRequiredService<EndpointDataSource>().Endpoints;

    public HttpClient Client { get; }

    private WebDoor Door => _host.Services.GetRequiredService<WebDoor>();

    public MartenEventTable Store => new(Database.DataSource);

    public static async Task<WebWorld> CreateAsync(
        PostgresFixture postgres, int invoices = 100, Action<WebOptions>? configure = null, params ProjectionVersion[] more) =>
        await CreateAsync(await postgres.CreateDatabaseAsync("web"), invoices, configure, more);

    public static async Task<WebWorld> CreateAsync(
        TestDatabase database, int invoices = 100, Action<WebOptions>? configure = null, params ProjectionVersion[] more)
    {
        var store = new MartenEventTable(database.DataSource);
        await store.CreateAsync();
        await store.SeedAsync(
            new InvoicingHistory(invoices) { OpenAtOnce = Math.Min(invoices, 500) }.Events()
                .Select(e => new MartenEvent(new StreamId(e.Invoice), e.StreamVersion, e.Type, Encoding.UTF8.GetString(e.Data), e.Time)));
        var source = await PostgresEventSource.OpenAsync(database.DataSource, EventTableMapping.Marten() with { GraceTime = TimeSpan.Zero });
        var options = new ProjectionsOptions { LeaseDuration = TimeSpan.FromSeconds(2), CandidateShare = TimeSpan.FromSeconds(20), ReplayCommitInterval = TimeSpan.FromMilliseconds(200) };
        var examples = ProjectionRegistry.FromAssemblies(typeof(InvoiceSummaryV1).Assembly).Versions;
        var system = new ProjectionSystem(ProjectionRegistry.Of([.. examples, .. more]), database.ConnectionString, source, options, NullLoggerFactory.Instance);
        await system.Catalog.InstallAsync(CancellationToken.None);
        var web = new WebOptions { Listen = "127.0.0.1:0", RequestsPerMinute = 100_000, CommandsPerMinute = 100_000 };
        configure?.Invoke(web);
        web.FindErrors().ShouldBeEmpty();
        return await StartAsync(database, system, web);
    }

    /// <summary>A caller who sends a key with each request, or none.</summary>
    public HttpClient Caller(string? key)
    {
        var client = new HttpClient { BaseAddress = Address };
        if (key is not null)
        {
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }

        _clients.Add(client);
        return client;
    }

    public async Task<JsonElement> GetAsync(string path) => await (await Client.GetAsync(path)).ShouldBeAsync(HttpStatusCode.OK);

    public Task<HttpResponseMessage> CommandAsync(string path, object? body = null, string? key = null) => Client.CommandAsync(path, body, key);

    /// <summary>Waits until a version is in a state.</summary>
    public async Task<JsonElement> BecomesAsync(string projection, int version, string state)
    {
        var report = await Deadline.UntilAsync(
            async () => await Client.GetAsync($"/projections/{projection}/versions/{version}") is { StatusCode: HttpStatusCode.OK } answer
                ? await answer.ShouldBeAsync(HttpStatusCode.OK)
                : (JsonElement?)null,
            report => report?.Text("state") == "failed"
                || (report?.Text("state") == state && (state is not ("ready" or "live") || report.Value.GetProperty("lockstep").GetBoolean())),
            $"become {state}");
        report!.Value.Text("state").ShouldBe(state, report.ToString());
        return report.Value;
    }

    /// <summary>Gives an order, and waits until it has ended.</summary>
    public async Task<JsonElement> OrderAsync(string path, object body, string? key = null)
    {
        var accepted = await CommandAsync(path, body, key);
        await accepted.ShouldBeAsync(HttpStatusCode.Accepted);
        return await Deadline.UntilAsync(() => GetAsync(accepted.Headers.Location!.OriginalString), order => order.Text("state") is "done" or "failed", "end");
    }

    /// <summary>Builds a version and waits until it is ready.</summary>
    public async Task BuildAsync(string projection, int version)
    {
        await (await CommandAsync($"/projections/{projection}/rebuild", new { to = version })).ShouldBeAsync(HttpStatusCode.Accepted);
        await BecomesAsync(projection, version, "ready");
    }

    /// <summary>Builds a version and switches to it.</summary>
    public async Task BuildAndSwitchAsync(string projection, int version)
    {
        await BuildAsync(projection, version);
        await (await CommandAsync($"/projections/{projection}/switch", new { to = version })).ShouldBeAsync(HttpStatusCode.OK);
    }

    public async ValueTask DisposeAsync()
    {
        _clients.ForEach(client => client.Dispose());
        await _host.StopAsync();
        await ((IAsyncDisposable)_host).DisposeAsync();
        await StopWorkerAsync();
        await System.DisposeAsync();
        await Database.DisposeAsync();
        _worker.Completion.Exception.ShouldBeNull("nobody had stopped the worker");
    }

    /// <summary>Stops the worker; to be called before something is broken that it cannot work without.</summary>
    public async Task StopWorkerAsync()
    {
        if (!_isStopped)
        {
            _isStopped = true;
            await _worker.DisposeAsync();
        }
    }

    private static async Task<WebWorld> StartAsync(TestDatabase database, ProjectionSystem system, WebOptions web)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance);
        builder.Services.AddSingleton(system);
        builder.Services.AddProjectionsWeb(web);
        var host = builder.Build();
        await host.StartAsync();
        return new WebWorld(database, system, Worker.Start(system), host);
    }
}
