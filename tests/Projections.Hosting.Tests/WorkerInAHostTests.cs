using System.Diagnostics;
using System.Net;
using System.Text;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Projections.Bus;
using Projections.Catalog;
using Projections.Commands;
using Projections.Definitions;
using Projections.Events;
using Projections.Hosting.Configuration;
using Projections.Operations;
using Projections.PostgresEvents;
using Projections.PostgresEvents.Marten;
using Projections.ReadModels.InvoiceSummary.V1;
using Projections.ReadModels.Invoicing;
using Projections.Scheduling;
using Projections.Testing;
using Projections.TestServers;
using Projections.Web;

namespace Projections.Hosting;

/// <summary>What <c>services.AddProjections()</c> makes of an ordinary host.</summary>
public sealed class WorkerInAHostTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private static readonly ProjectionName Summary = new("invoice_summary");

    [PostgresFact]
    public async Task A_host_builds_and_follows_the_read_models_that_it_is_given()
    {
        await using var database = await StoreOfAsync(invoices: 20);
        using var host = await StartAsync(database, projections => projections.AddMartenEvents());

        await BuildAsync(host);

        (await database.ScalarAsync<long>("select count(*) from invoice_summary")).ShouldBe(20);
        await SeedAsync(database, invoices: 5, seed: 2);
        await Deadline.UntilAsync(() => database.ScalarAsync<long>("select count(*) from invoice_summary"), count => count == 25, "follow the new invoices");
        await host.StopAsync();
    }

    [PostgresFact]
    public async Task The_page_the_bus_and_the_checks_are_added_beside_it()
    {
        await using var database = await StoreOfAsync(invoices: 3);
        using var host = await StartAsync(database, projections =>
        {
            projections.AddMartenEvents();
            projections.Services.AddProjectionsBus(new ConfigurationBuilder().Build());
            projections.Services.AddCatchUpChecks(new ConfigurationBuilder().Build());
            projections.Services.AddProjectionsWeb(new WebOptions { Listen = "127.0.0.1:0" });
        });

        using var client = new HttpClient { BaseAddress = host.Services.GetRequiredService<WebDoor>().Address };

        (await client.GetAsync("/health/ready")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await client.GetStringAsync("/health/ready")).ShouldContain("\"worker\"");
        (await client.GetStringAsync("/projections")).ShouldContain("invoice_summary");
        await host.StopAsync();
    }

    [PostgresFact]
    public async Task Events_come_from_a_source_of_the_hosts_own_where_it_has_one()
    {
        await using var database = await StoreOfAsync(invoices: 7);
        using var host = await StartAsync(database, projections => projections.AddEvents(async (_, _, stop) =>
            await PostgresEventSource.OpenAsync(database.DataSource, EventTableMapping.Marten(), cancellationToken: stop)));

        await BuildAsync(host);

        (await database.ScalarAsync<long>("select count(*) from invoice_summary")).ShouldBe(7);
        await host.StopAsync();
    }

    [PostgresFact]
    public async Task Operations_are_called_from_code_and_refuse_what_every_door_refuses()
    {
        await using var database = await StoreOfAsync(invoices: 3);
        using var host = await StartAsync(database, projections => projections.AddMartenEvents());
        await BuildAsync(host);
        var projections = host.Services.GetRequiredService<IProjections>();

        await new Release(projections).SwitchAsync(1, Guid.NewGuid(), CancellationToken.None);

        (await projections.FindStatusAsync(new("no_such_thing"))).ShouldBeNull();
        var refused = await Should.ThrowAsync<OperationRefused>(() => projections.RunAsync(new PauseCommand { Projection = Summary, Why = "a\0b" }, new CommandContext("test")));
        (refused.IsMistake, refused.Message).ShouldBe((true, "'why' is wrong. The reason has control characters, such as a line break; leave them out."));
        await host.StopAsync();
    }

    [Fact]
    public async Task The_documentation_shows_the_example_as_it_is_compiled()
    {
        var code = await File.ReadAllTextAsync(Path.Combine(Repository.Folder, "tests", "Projections.Hosting.Tests", "Release.cs"));
        var example = code[code.IndexOf("internal sealed class", StringComparison.Ordinal)..].TrimEnd();
        (await File.ReadAllTextAsync(Path.Combine(Repository.Folder, "docs", "first-projection.md"))).ShouldContain($"  {example.Replace("\n", "\n  ").Replace("  \n", "\n")}");
    }

    [PostgresFact]
    public async Task The_example_of_an_application_reads_what_it_has_just_written() =>
        (await RunExampleAsync("read-your-writes.cs")).ShouldMatch("^Shown after [0-9]+ ms: ana owes 40.00\\s+Shown, as SQL says: ana owes 42.00\\s*$");

    [PostgresFact]
    public async Task The_example_of_reactions_sends_a_receipt_for_each_payment() =>
        (await RunExampleAsync("reactions.cs")).ShouldMatch("^It is on.\\s+Dear ana, thank you for 15.00, which makes 15.00.\\s+Dear ana, thank you for 25.00, which makes 40.00.\\s*$");

    [PostgresFact]
    public async Task A_database_that_cannot_be_reached_ends_the_start_in_words()
    {
        await using var database = await StoreOfAsync(invoices: 1);

        var failure = await Should.ThrowAsync<DatabaseUnreachable>(() =>
            StartAsync(database, projections => projections.UseReadModels("Host=127.0.0.1;Port=1;Database=shop;Username=shop;Password=secret-word").AddMartenEvents().Configure(options => options.StartPatience = TimeSpan.Zero)));

        failure.Message.ShouldContain("Cannot connect to the read models: database 'shop' on 127.0.0.1:1");
        failure.Message.ShouldNotContain("secret-word");
    }

    [Fact]
    public async Task Settings_that_are_wrong_end_the_start_and_are_named()
    {
        using var host = HostOf(new() { ["Events:Kind"] = "martin" }, projections => projections.AddVersionsFrom(typeof(InvoiceSummaryV1).Assembly));

        var failure = await Should.ThrowAsync<SettingsInvalid>(() => host.StartAsync());

        failure.Message.ShouldContain("'ConnectionStrings:ReadModels' is missing");
        failure.Message.ShouldContain("'Events:Kind' is 'martin'");
    }

    [Fact]
    public async Task Options_beyond_their_limits_end_the_start()
    {
        using var host = HostOf(
            new() { ["ConnectionStrings:ReadModels"] = "Host=127.0.0.1;Database=shop;Username=shop" },
            projections => projections.Configure(options => options.MemoryLimitMegabytes = 1).AddMartenEvents());

        (await Should.ThrowAsync<OptionsValidationException>(() => host.StartAsync())).Message.ShouldContain(nameof(ProjectionsOptions.MemoryLimitMegabytes));
    }

    /// <summary>Runs a file of the documents against a store with a live read model.</summary>
    private async Task<string> RunExampleAsync(string file)
    {
        await using var database = await StoreOfAsync(invoices: 3);
        using (var host = await StartAsync(database, projections => projections.AddMartenEvents()))
        {
            await BuildAsync(host);
            await host.StopAsync();
        }

        var start = new ProcessStartInfo("dotnet", ["run", "--configuration", "Release", Path.Combine(Repository.Folder, "docs", "examples", file)])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["ConnectionStrings__ReadModels"] = database.ConnectionString },
        };
        using var example = Process.Start(start)!;
        var errors = example.StandardError.ReadToEndAsync();
        var said = await example.StandardOutput.ReadToEndAsync();
        return said.Length > 0 ? said : await errors;
    }

    private static async Task BuildAsync(IHost host)
    {
        var projections = host.Services.GetRequiredService<IProjections>();
        await projections.RunAsync(new RebuildCommand { Projection = Summary, To = 1, SwitchWhenReady = true }, new CommandContext("test"));
        await Deadline.UntilAsync(() => projections.FindStatusAsync(Summary), status => status?.Projection.LiveVersion == 1, "go live");
    }

    private static async Task<IHost> StartAsync(TestDatabase database, Action<ProjectionsBuilder> configure)
    {
        var host = HostOf(
            new() { ["ConnectionStrings:ReadModels"] = database.ConnectionString, ["Events:GraceTime"] = "00:00:00" },
            projections => configure(projections.AddVersionsFrom(typeof(InvoiceSummaryV1).Assembly)));
        try
        {
            await host.StartAsync();
            return host;
        }
        catch
        {
            host.Dispose();
            throw;
        }
    }

    private static IHost HostOf(Dictionary<string, string?> settings, Action<ProjectionsBuilder> configure)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(settings);
        configure(builder.Services.AddProjections());
        return builder.Build();
    }

    private async Task<TestDatabase> StoreOfAsync(int invoices)
    {
        var database = await postgres.CreateDatabaseAsync();
        await new MartenEventTable(database.DataSource).CreateAsync();
        await SeedAsync(database, invoices, seed: 1);
        return database;
    }

    private static Task<long> SeedAsync(TestDatabase database, int invoices, int seed) =>
        new MartenEventTable(database.DataSource).SeedAsync(new InvoicingHistory(invoices) { Seed = seed }.Events()
            .Select(e => new MartenEvent(new StreamId(e.Invoice), e.StreamVersion, e.Type, Encoding.UTF8.GetString(e.Data), e.Time)));
}
