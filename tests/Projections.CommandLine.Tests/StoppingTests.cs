using Projections.Testing;
using Projections.TestServers;

namespace Projections.CommandLine;

public sealed class StoppingTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private const string HasCheckpoint = "select coalesce((select position_major > 0 from projections.version where number = 1), false)";

    [PostgresFact]
    public async Task Ctrl_c_commits_gives_the_lease_up_and_a_second_run_goes_on()
    {
        await using var world = await World.CreateAsync(postgres, 500);
        await using var rebuild = await StartThrottledAsync(world);

        await rebuild.SignalAsync("INT");
        var stopped = (await rebuild.EndAsync()).ShouldExitWith(130);

        var position = await world.Database.ScalarAsync<long>("select position_major from projections.version");
        position.ShouldBeInRange(1, 4999);
        stopped.Output.ShouldContain($"at position {position}");
        (await world.Database.ScalarAsync<bool>("select bool_and(lease_holder is null) from projections.version")).ShouldBeTrue();
        (await world.Program.RunAsync("rebuild", "invoice_summary", "--to", "1", "--throttle", "1000000")).ShouldExitWith(0);
        (await world.Database.ScalarAsync<long>("select count(*) filter (where closed) from invoice_summary_v1")).ShouldBe(500);
        (await world.Database.ScalarAsync<long>("select count(*) from projections.transition where to_state = 'replaying'")).ShouldBe(1);
    }

    [PostgresFact]
    public async Task A_worker_with_all_its_doors_writes_nothing_to_the_home_folder()
    {
        await using var world = await World.CreateAsync(postgres, 1);
        var home = Directory.CreateTempSubdirectory("projections-home");
        try
        {
            await using var worker = world.Program.With("HOME", home.FullName).With("Http__Listen", "127.0.0.1:0").With("Bus__Transport", "InMemory").Start("run");
            await worker.SaysAsync("Page and API");
            await worker.SignalAsync("TERM");
            (await worker.EndAsync()).Errors.ShouldNotContain("DataProtection");

            home.GetFileSystemInfos().ShouldBeEmpty();
        }
        finally
        {
            home.Delete(recursive: true);
        }
    }

    [PostgresFact]
    public async Task A_rebuild_is_throttled_paused_resumed_and_aborted_from_other_processes()
    {
        await using var world = await World.CreateAsync(postgres, 500);
        await using var rebuild = await StartThrottledAsync(world);

        (await world.Program.RunAsync("throttle", "invoice_summary", "200")).ShouldExitWith(0);
        (await world.Program.RunAsync("pause", "invoice_summary", "--why", "month end")).ShouldExitWith(0);
        var paused = (await rebuild.EndAsync()).ShouldExitWith(4);
        paused.Errors.ShouldContain("was paused by");
        paused.Errors.ShouldContain("month end");
        (await world.Program.RunAsync("throttle", "invoice_summary", "off")).ShouldExitWith(3);

        (await world.Program.RunAsync("resume", "invoice_summary", "--detach")).ShouldExitWith(0);
        (await world.Program.RunAsync("status", "invoice_summary")).Output.ShouldContain("throttled to 200 events a second");
        (await world.Program.RunAsync("throttle", "invoice_summary", "off")).ShouldExitWith(0);
        (await world.Program.RunAsync("rebuild", "invoice_summary", "--to", "1")).ShouldExitWith(0).Output.ShouldContain("is ready at position 5000");

        (await world.Program.RunAsync("abort", "invoice_summary")).ShouldExitWith(0);
        (await world.Database.ScalarAsync<bool>("select to_regclass('invoice_summary_v1') is null")).ShouldBeTrue();
    }

    [PostgresFact]
    public async Task Whoever_waits_for_a_rebuild_is_told_that_it_was_aborted()
    {
        await using var world = await World.CreateAsync(postgres, 500);
        await using var rebuild = await StartThrottledAsync(world);

        (await world.Program.RunAsync("abort", "invoice_summary", "--why", "wrong version")).ShouldExitWith(0);

        var aborted = (await rebuild.EndAsync()).ShouldExitWith(4);
        aborted.Errors.ShouldContain("was aborted by");
        aborted.Errors.ShouldContain("wrong version");
        (await world.Database.ScalarAsync<bool>("select to_regclass('invoice_summary_v1') is null")).ShouldBeTrue();
    }

    [PostgresFact]
    public async Task A_worker_does_what_was_asked_for_and_stops_on_sigterm()
    {
        await using var world = await World.CreateAsync(postgres, 50);
        await using var worker = world.Program.Start("run");
        await worker.SaysAsync("follows marten public.mt_events");

        (await world.Program.RunAsync("rebuild", "open_items", "--switch", "auto", "--detach")).ShouldExitWith(0);
        await world.UntilAsync("select exists (select from projections.version where state = 'live' and phase = 'following' and lease_until > now())");

        await worker.SignalAsync("TERM");
        (await worker.EndAsync()).ShouldExitWith(0);
        (await world.Database.ScalarAsync<bool>("select bool_and(lease_holder is null) from projections.version")).ShouldBeTrue();
    }

    /// <summary>Starts a rebuild that takes many seconds, and waits until it has committed something.</summary>
    private static async Task<RunningProgram> StartThrottledAsync(World world)
    {
        var rebuild = world.Program.Start("rebuild", "invoice_summary", "--to", "1", "--throttle", "100");
        await rebuild.SaysAsync("will be rebuilt");
        await world.UntilAsync(HasCheckpoint);
        return rebuild;
    }
}
