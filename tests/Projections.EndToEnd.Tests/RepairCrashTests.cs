using Projections.Definitions;
using Projections.ReadModels.InvoiceSummary.V1;
using Projections.Testing;
using Projections.TestServers;
using Projections.Verification;
using Projections.WorkOrders;

namespace Projections.EndToEnd;

/// <summary>The worker's process is killed in the middle of a repair.</summary>
public sealed class RepairCrashTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private static readonly ProjectionName Invoices = new("invoice_summary");

    // Rows of more than one transaction, and others that stay as they are.
    private const string Wrong = "update invoice_summary_v1 set customer = 'wrong' where number <= 'R-00000900'";

    [PostgresFact]
    public async Task A_worker_that_is_killed_in_the_middle_of_a_repair_leaves_old_rows_or_new_ones_and_the_next_worker_ends_it()
    {
        await using var world = await World.CreateAsync(postgres);
        var (system, right) = await LiveAsync(world);
        await world.Database.ExecuteAsync(
            $"""
            {Wrong};
            create table trap (armed boolean); insert into trap values (true);
            create function spring() returns trigger language plpgsql as $$
            begin
                if (select armed from trap) and new.number = 'R-00000500' then perform pg_sleep(600); end if;
                return new;
            end $$;
            create trigger trap before insert on invoice_summary_v1 for each row execute function spring()
            """);
        await using (var doomed = WorkerProcess.Start(world, [], "run"))
        {
            await OrderAsync(world, system);
            await world.EventuallyAsync("select count(*) from pg_stat_activity where datname = current_database() and query like 'insert into %invoice_summary_v1%' and wait_event = 'PgSleep'", 1L);
            await doomed.KillAsync();
        }

        await ShouldBeOldOrNewAsync(world, right);
        (await world.Database.ScalarAsync<string>("select customer from invoice_summary where number = 'R-00000500'")).ShouldBe("wrong");
        await world.Database.ExecuteAsync("update trap set armed = false");
        await using var heir = WorkerProcess.Start(world, [], "run");

        await ShouldEndAsync(world, right);
    }

    [PostgresFact]
    public async Task Killed_at_any_moments_a_repair_ends_with_the_rows_of_the_events()
    {
        await using var world = await World.CreateAsync(postgres);
        var (system, right) = await LiveAsync(world);
        await world.Database.ExecuteAsync(Wrong);
        await OrderAsync(world, system);
        var random = new Random(7);
        for (var kill = 1; kill <= 6; kill++)
        {
            await using var doomed = WorkerProcess.Start(world, [], "run");
            await world.UntilAsync("invoice_summary", 1, version => version.IsLeased && version.LeaseHolder != system.Name, "worked on");
            await Task.Delay(random.Next(400));
            await doomed.KillAsync();
            await ShouldBeOldOrNewAsync(world, right);
        }

        await using var heir = WorkerProcess.Start(world, [], "run");

        await ShouldEndAsync(world, right);
    }

    private static async Task<(ProjectionSystem System, IReadOnlyList<string> Rows)> LiveAsync(World world)
    {
        await world.SeedAsync(1_000);
        var system = await world.OpenAsync(ProjectionRegistry.FromAssemblies(typeof(InvoiceSummaryV1).Assembly));
        var worker = world.Start(system);
        await world.BuildAndSwitchAsync(system, "invoice_summary", 1);
        await world.StopAsync(worker);
        return (system, await RowsAsync(world));
    }

    private static async Task OrderAsync(World world, ProjectionSystem system)
    {
        var keys = await world.ColumnAsync("select invoice_id::text from invoice_summary_v1 where customer = 'wrong'");
        await new RepairCommand { Projection = Invoices, Keys = keys }.RunAsync(system, World.Someone, CancellationToken.None);
    }

    private static Task<IReadOnlyList<string>> RowsAsync(World world) =>
        world.ColumnAsync("select t::text from invoice_summary_v1 t order by number");

    private static async Task ShouldBeOldOrNewAsync(World world, IReadOnlyList<string> right)
    {
        var rows = await RowsAsync(world);
        rows.Count.ShouldBe(right.Count);
        foreach (var (row, should) in rows.Zip(right))
        {
            if (row != should)
            {
                row.ShouldContain(",wrong,");
            }
        }
    }

    private static async Task ShouldEndAsync(World world, IReadOnlyList<string> right)
    {
        await world.EventuallyAsync("select count(*) from projections.work_order where ended_at is not null and failure is null", 1L);
        (await RowsAsync(world)).ShouldBe(right);
        (await world.Database.ScalarAsync<long>("select count(*) from projections.repair where status <> 'done'")).ShouldBe(0);
    }
}
