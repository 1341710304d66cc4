using Projections.Catalog;
using Projections.Definitions;
using Projections.Events;
using Projections.Operations;
using Projections.ReadModels.InvoiceSummary.V1;
using Projections.Switching;
using Projections.Testing;
using Projections.TestServers;

namespace Projections.EndToEnd;

public sealed class LifeOfAVersionTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private static readonly ProjectionRegistry Registry = ProjectionRegistry.FromAssemblies(typeof(InvoiceSummaryV1).Assembly);

    [PostgresFact]
    public async Task A_version_is_built_beside_the_live_one_switched_to_rolled_back_and_retired()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.SeedAsync(500);
        var system = await world.OpenAsync(Registry);
        world.Start(system);

        await world.BuildAndSwitchAsync(system, "invoice_summary", 1);
        var rows = await world.Database.ScalarAsync<long>("select count(*) from invoice_summary");
        rows.ShouldBeInRange(400, 500);

        await new RebuildCommand { Projection = new ProjectionName("invoice_summary"), To = 2 }.RunAsync(system, World.Someone, CancellationToken.None);
        await world.BecomesAsync("invoice_summary", 2, VersionState.Ready);
        var switched = await World.SwitchAsync(system, "invoice_summary", 2);
        switched.From.ShouldBe(1);
        (await world.Database.ScalarAsync<long>("select count(due_on) from invoice_summary")).ShouldBe(rows);

        var invoice = Guid.NewGuid();
        await world.Store.AppendAsync(
            new StreamId(invoice),
            [("invoice_issued", """{"number":"R-1","customer":"ana","currency":"EUR","dueOn":"2026-01-01"}""")]);
        await world.EventuallyAsync($"select count(*) from invoice_summary_v1 where invoice_id = '{invoice}'", 1L);
        (await world.Database.ScalarAsync<long>($"select count(*) from invoice_summary where invoice_id = '{invoice}'")).ShouldBe(1);

        var back = await new RollbackCommand { Projection = new ProjectionName("invoice_summary") }.RunAsync(system, World.Someone, CancellationToken.None);
        back.To.ShouldBe(1);
        (await world.Database.ScalarAsync<long>("select count(*) from invoice_summary")).ShouldBe(rows + 1);

        await new RetireCommand { Projection = new ProjectionName("invoice_summary"), Version = 2 }.RunAsync(system, World.Someone, CancellationToken.None);
        (await world.Database.ScalarAsync<bool>("select to_regclass('invoice_summary_v2') is null")).ShouldBeTrue();
        await world.BecomesAsync("invoice_summary", 1, VersionState.Live);
    }
}
