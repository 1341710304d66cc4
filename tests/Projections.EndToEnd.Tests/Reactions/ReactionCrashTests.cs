using Npgsql;
using Projections.Catalog;
using Projections.Commands;
using Projections.Definitions;
using Projections.Events;
using Projections.Operations;
using Projections.Switching;
using Projections.Testing;
using Projections.TestServers;
using Xunit.Abstractions;

namespace Projections.EndToEnd.Reactions;

/// <summary>The worker's process is killed at any moment, around switches, rollbacks, pauses, takeovers and versions that drop out of the lockstep.</summary>
public sealed class ReactionCrashTests(PostgresFixture postgres, ITestOutputHelper output) : IClassFixture<PostgresFixture>
{
    /// <summary>How many times it is killed: a thousand take hours.</summary>
    private static readonly int Kills = World.Setting("REACTION_KILLS", 24);

    [PostgresFact]
    public async Task Killed_around_switches_rollbacks_pauses_takeovers_and_drop_outs_no_message_is_lost_and_none_comes_twice()
    {
        await using var world = await World.CreateAsync(postgres);
        var system = await world.BuildSummaryAsync(200, 2);
        await world.Database.ExecuteAsync(NoteDropOuts);
        await new StartReactionsCommand { Projection = InvoiceWorld.Summary }.RunAsync(system, World.Someone, CancellationToken.None);
        var since = await world.Database.ScalarAsync<long>("select since_major from projections.reaction");
        using var stop = new CancellationTokenSource();
        var writing = KeepPayingAsync(world, stop.Token);
        var random = new Random(Environment.TickCount);

        await using var workers = new WorkerRelay(_ => WorkerProcess.Start(world, [], "run"));
        await workers.NextAsync();
        for (var kill = 1; kill <= Kills; kill++)
        {
            var candidate = await CandidateAsync(world);
            var acting = (kill % 6) switch
            {
                // From a third process, whose end the kill does not wait for.
                0 or 3 => World.TryAsync(() => World.SwitchAsync(system, "invoice_summary", candidate, new SwitchCommand { IgnoreOldSnapshots = true, Patience = TimeSpan.FromSeconds(2) })),
                1 => World.TryAsync(() => new PauseCommand { Projection = InvoiceWorld.Summary, Version = random.Next(1, 3) }.RunAsync(system, World.Someone, CancellationToken.None)),
                2 => CrawlAsync(world, candidate),
                4 => FailAsync(world, candidate),
                _ => Task.CompletedTask,
            };
            // The next is there already, waiting for the leases of the one that is killed.
            await workers.NextAsync();
            await Task.Delay(random.Next(700));
            await workers.KillFirstAsync();
            await acting;
            foreach (var stopped in (await world.Catalog.ReadAsync(InvoiceWorld.Summary, CancellationToken.None))!.Versions.Where(one => one.State is VersionState.Paused or VersionState.Failed))
            {
                await World.TryAsync(() => new ResumeCommand { Projection = InvoiceWorld.Summary, Version = stopped.Id.Number }.RunAsync(system, World.Someone, CancellationToken.None));
            }
        }

        await stop.CancelAsync();
        await writing;
        await world.AtTheHeadAsync("invoice_summary");
        var switches = await world.Database.ScalarAsync<long>("select count(*) from projections.switch");

        var expected = await world.ColumnAsync(
            $"""
            select seq_id || ': ' || coalesce(before, 0)::numeric(14,2) || ' → ' || after::numeric(14,2)
            from (select seq_id, sum((data ->> 'amount')::numeric) over (partition by stream_id order by seq_id) as after,
                         sum((data ->> 'amount')::numeric) over (partition by stream_id order by seq_id rows between unbounded preceding and 1 preceding) as before
                  from events.mt_events where type = 'payment_received') e
            where seq_id > {since} order by seq_id
            """);
        var found = await world.ColumnAsync(
            "select position_major || ': ' || (body ->> 'paidBefore')::numeric(14,2) || ' → ' || (body ->> 'paidInAll')::numeric(14,2) from projections.message order by number");
        switches.ShouldBeGreaterThan(1);
        var (crawled, failed) = (await CountAsync(world, "crawled"), await CountAsync(world, "failed"));
        crawled.ShouldBeGreaterThan(0);
        failed.ShouldBeGreaterThan(0);
        expected.Count.ShouldBeGreaterThan(Kills);
        var told = $"after {Kills} kills, {switches} switches, {crawled} versions that crawled out, {failed} that failed, and {expected.Count} payments";
        found.Except(expected).Take(5).ShouldBeEmpty($"what nobody expected, {told}");
        expected.Except(found).Take(5).ShouldBeEmpty($"what is lost, {told}");
        found.GroupBy(message => message).Where(message => message.Count() > 1).Take(5).ShouldBeEmpty($"what came twice, {told}");
        found.SequenceEqual(expected).ShouldBeTrue($"they are in the order of their events, {told}");
        output.WriteLine($"Nothing lost, nothing twice {told}.");
    }

    /// <summary>Keeps in mind which versions left the lockstep by themselves.</summary>
    private const string NoteDropOuts =
        """
        create table dropped (how text);
        create function note() returns trigger language plpgsql as $$
        begin
            insert into public.dropped select 'crawled' where new.drop_outs > old.drop_outs;
            insert into public.dropped select 'failed' where new.phase = 'failed' and old.phase <> 'failed';
            return new;
        end $$;
        create trigger note after update on projections.version for each row execute function note()
        """;

    private static Task<long> CountAsync(World world, string how) => world.Database.ScalarAsync<long>($"select count(*) from dropped where how = '{how}'");

    /// <summary>The version that is not live.</summary>
    private static async Task<int> CandidateAsync(World world) => (await world.Catalog.ReadAsync(InvoiceWorld.Summary, CancellationToken.None))!.LiveVersion == 1 ? 2 : 1;

    /// <summary>Has a version wait for its table until it is out of the lockstep, or for a while.</summary>
    private static async Task CrawlAsync(World world, int version)
    {
        var before = await CountAsync(world, "crawled");
        await using var other = await world.ConnectAsync("other");
        await using var locking = await other.BeginTransactionAsync();
        await using var command = new NpgsqlCommand($"lock table invoice_summary_v{version} in share mode", other);
        await command.ExecuteNonQueryAsync();
        await UntilAsync(async () => await CountAsync(world, "crawled") > before);
    }

    /// <summary>Has a version fail, or not come to write anything for a while.</summary>
    private static async Task FailAsync(World world, int version)
    {
        var before = await CountAsync(world, "failed");
        await world.Database.ExecuteAsync(
            $"""
            create or replace function refuse() returns trigger language plpgsql as $$ begin raise exception 'not this one'; end $$;
            create trigger refuse before insert or update on invoice_summary_v{version} for each row execute function refuse()
            """);
        await UntilAsync(async () => await CountAsync(world, "failed") > before);
        await world.Database.ExecuteAsync($"drop trigger refuse on invoice_summary_v{version}");
    }

    /// <summary>Whether it comes to it is a matter of what the version does at the moment.</summary>
    private static async Task UntilAsync(Func<Task<bool>> happened)
    {
        for (var looks = 0; looks < 300 && !await happened(); looks++)
        {
            await Task.Delay(10);
        }
    }

    private static async Task KeepPayingAsync(World world, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var invoice = new StreamId(Guid.NewGuid());
            await world.Store.AppendAsync(
                invoice,
                [
                    ("invoice_issued", """{"number":"N","customer":"ana","currency":"EUR","dueOn":"2026-01-01"}"""),
                    ("line_added", """{"line":1,"product":"paper","quantity":2,"unitPrice":3.50}"""),
                    ("payment_received", """{"amount":1.50,"method":"card","settledLines":[]}"""),
                    ("payment_received", """{"amount":2.50,"method":"card","settledLines":[1]}"""),
                ],
                cancellationToken: CancellationToken.None);
            await Task.Delay(5, CancellationToken.None);
            await world.Store.AppendAsync(invoice, [("payment_received", """{"amount":3.00,"method":"cash","settledLines":[]}""")], cancellationToken: CancellationToken.None);
        }
    }
}
