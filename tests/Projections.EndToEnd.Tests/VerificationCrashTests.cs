using Projections.Definitions;
using Projections.ReadModels.InvoiceSummary.V1;
using Projections.Testing;
using Projections.TestServers;

namespace Projections.EndToEnd;

/// <summary>The process that compares two versions is killed between two ranges of keys.</summary>
public sealed class VerificationCrashTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    /// <summary>So many that there are several ranges, in tables whose pages are nine tenths empty.</summary>
    private const int ByHand = 100_000;

    [PostgresFact]
    public async Task The_next_process_goes_on_behind_the_last_range_that_was_compared()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.SeedAsync(20);
        await BuildBothAsync(world);
        await AddRowsByHandAsync(world);

        await using (var dying = WorkerProcess.Start(world, [("Projections__ComparisonRest", "01:00:00")], "verify", "invoice_summary"))
        {
            await world.EventuallyAsync("select count(*) from projections.comparison", 1L);
            await dying.KillAsync();
        }

        var begun = await world.ColumnAsync("select at::text from projections.comparison");
        // What was compared is not looked at again: this is found by the next comparison, and not by the one that goes on.
        await world.Database.ExecuteAsync("update invoice_summary_v2 set customer = 'somebody' where invoice_id = (select invoice_id from invoice_summary_v2 order by 1 limit 1)");
        (await VerifyAsync(world)).ShouldBe(0, "it was begun anew");
        (await world.ColumnAsync("select at::text from projections.verification")).ShouldBe(begun);
        (await VerifyAsync(world)).ShouldBe(3, "the row that differs was not found");
    }

    private static async Task BuildBothAsync(World world)
    {
        var system = await world.OpenAsync(ProjectionRegistry.FromAssemblies(typeof(InvoiceSummaryV1).Assembly));
        var worker = world.Start(system);
        await world.BuildAndSwitchAsync(system, "invoice_summary", 1);
        await world.BuildAsync(system, "invoice_summary", 2);
        await world.StopAsync(worker);
    }

    private static Task AddRowsByHandAsync(World world) => world.Database.ExecuteAsync(
        $"""
        alter table invoice_summary_v1 set (fillfactor = 10);
        alter table invoice_summary_v2 set (fillfactor = 10);
        insert into invoice_summary_v1 (invoice_id, number, customer, issued_at, line_count, net, tax, paid, closed)
        select md5(i::text)::uuid, i, 'nobody', '2030-01-01', 0, 0, 0, 0, false from generate_series(1, {ByHand}) i;
        insert into invoice_summary_v2 (invoice_id, number, customer, issued_at, net, tax, paid, status, due_on, outstanding)
        select md5(i::text)::uuid, i, 'nobody', '2030-01-01', 0, 0, 0, 'open', '2030-01-01', 0 from generate_series(1, {ByHand}) i
        """);

    private static async Task<int> VerifyAsync(World world)
    {
        await using var verify = WorkerProcess.Start(world, [], "verify", "invoice_summary");
        return await verify.ExitAsync();
    }
}
