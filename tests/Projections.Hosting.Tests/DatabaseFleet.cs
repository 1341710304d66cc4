using System.Text;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Projections.Commands;
using Projections.Definitions;
using Projections.Events;
using Projections.Operations;
using Projections.PostgresEvents.Marten;
using Projections.ReadModels.InvoiceSummary.V1;
using Projections.ReadModels.Invoicing;
using Projections.Serving;
using Projections.Testing;
using Projections.TestServers;

namespace Projections.Hosting;

/// <summary>Some databases with events in one server, a control database that lists them, and a host that serves them.</summary>
internal sealed class DatabaseFleet : IAsyncDisposable
{
    public static readonly ProjectionName Summary = new("invoice_summary");

    private readonly PostgresFixture _postgres;
    private readonly Dictionary<string, TestDatabase> _stores = new(StringComparer.Ordinal);
    private readonly TestDatabase _control;

    private DatabaseFleet(PostgresFixture postgres, TestDatabase control)
    {
        _postgres = postgres;
        _control = control;
    }

    public IReadOnlyDictionary<string, TestDatabase> Stores => _stores;

    public static async Task<DatabaseFleet> CreateAsync(PostgresFixture postgres, params string[] names)
    {
        var control = await postgres.CreateDatabaseAsync();
        await control.ExecuteAsync("create table shop (name text primary key, connection text not null)");
        var fleet = new DatabaseFleet(postgres, control);
        foreach (var name in names)
        {
            await fleet.AddAsync(name);
        }

        return fleet;
    }

    /// <summary>Adds a store with three invoices, and puts it on the list.</summary>
    public async Task AddAsync(string name)
    {
        var store = await _postgres.CreateDatabaseAsync();
        await new MartenEventTable(store.DataSource).CreateAsync();
        _stores.Add(name, store);
        await AppendAsync(name, invoices: 3);
        await ListAsync(name, store.ConnectionString);
    }

    public Task AppendAsync(string name, int invoices, int seed = 1) =>
        new MartenEventTable(_stores[name].DataSource).SeedAsync(new InvoicingHistory(invoices) { Seed = seed }.Events()
            .Select(e => new MartenEvent(new StreamId(e.Invoice), e.StreamVersion, e.Type, Encoding.UTF8.GetString(e.Data), e.Time)));

    public Task ListAsync(string name, string connection) =>
        _control.ExecuteAsync($"insert into shop values ('{name}', '{connection.Replace("'", "''", StringComparison.Ordinal)}') on conflict (name) do update set connection = excluded.connection");

    public Task StrikeAsync(string name) => _control.ExecuteAsync($"delete from shop where name = '{name}'");

    public Task<T> ScalarAsync<T>(string name, string sql) => _stores[name].ScalarAsync<T>(sql);

    /// <summary>How many connections the program has open to a database.</summary>
    public Task<long> ConnectionsAsync(string name) =>
        ScalarAsync<long>(name, "select count(*) from pg_stat_activity where datname = current_database() and application_name like 'projections/%'");

    /// <summary>The settings by which a program serves what the list says.</summary>
    public Dictionary<string, string?> Settings(params (string Name, string Value)[] more)
    {
        var settings = new Dictionary<string, string?>
        {
            ["ConnectionStrings:DatabaseList"] = _control.ConnectionString,
            ["DatabaseList:Query"] = "select name, connection from shop",
            ["DatabaseList:Interval"] = "00:00:01",
            ["Events:GraceTime"] = "00:00:00",
        };
        foreach (var (name, value) in more)
        {
            settings[name] = value;
        }

        return settings;
    }

    public async Task<IHost> StartAsync(Action<ProjectionsBuilder>? configure = null, params (string Name, string Value)[] settings)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(Settings(settings));
        var projections = builder.Services.AddProjections().AddVersionsFrom(typeof(InvoiceSummaryV1).Assembly);
        configure?.Invoke(projections);
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }

    public static Task<ServedDatabases> UntilOpenAsync(IHost host, params string[] names)
    {
        var databases = host.Services.GetRequiredService<ServedDatabases>();
        return Deadline.UntilAsync(
            () => Task.FromResult(databases),
            served => names.All(name => served.All.Any(one => one.Name == name && one.System is not null)),
            $"serve {string.Join(", ", names)}");
    }

    public static async Task BuildAsync(IHost host, string name)
    {
        var projections = host.Services.GetRequiredService<IProjections>().In(name);
        await projections.RunAsync(new RebuildCommand { Projection = Summary, To = 1, SwitchWhenReady = true }, new CommandContext("test"));
        await Deadline.UntilAsync(() => projections.FindStatusAsync(Summary), status => status?.Projection.LiveVersion == 1, $"go live in {name}");
    }

    public static async Task<HealthReportEntry> HealthAsync(IHost host) =>
        (await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Entries["databases"];

    public async ValueTask DisposeAsync()
    {
        foreach (var store in _stores.Values.Append(_control))
        {
            await store.DisposeAsync();
        }
    }
}
