using System.ComponentModel.DataAnnotations;
using Npgsql;
using Projections.Definitions;
using Projections.EndToEnd.Tallies;
using Projections.LocalPostgres;
using Projections.Operations;
using Projections.Planning;
using Projections.Switching;
using Projections.Switching.Queries;
using Projections.Tables;
using Projections.Testing;
using Projections.TestServers;

namespace Projections.EndToEnd;

/// <summary>What readers were seen to send, where the database keeps an account of statements.</summary>
public sealed class QueriesTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private const string OfReaders = "select events from tally where id = '00000000-0000-0000-0000-000000000003'";

    [PostgresFact(OwnCluster = true)]
    public async Task A_switch_that_would_break_a_statement_of_readers_is_refused_unless_that_is_accepted_and_the_way_back_is_open()
    {
        await using var cluster = await postgres.OwnClusterAsync(
            new LocalPostgresOptions { Settings = new Dictionary<string, string> { ["shared_preload_libraries"] = "pg_stat_statements" } });
        await using var world = await World.CreateAsync(await PostgresFixture.CreateDatabaseAsync(cluster));
        await world.Database.ExecuteAsync("create extension pg_stat_statements");
        await world.SeedTalliesAsync(500);
        var system = await world.OpenAsync(ProjectionRegistry.Of(new TallyV1(), new TotalTallyV2()));
        world.Start(system);
        await world.BuildAndSwitchAsync(system, "tally", 1);
        await world.Database.ExecuteAsync("select pg_stat_statements_reset()");
        await world.Database.ExecuteAsync(OfReaders);
        await world.BuildAsync(system, "tally", 2);

        var refused = await Should.ThrowAsync<SwitchRefused>(World.SwitchAsync(system, "tally", 2));
        var told = await new CompareQueries(system).RunAsync(TallyWorld.Tally, 2, queries: null, CancellationToken.None);
        var given = await new CompareQueries(system).RunAsync(TallyWorld.Tally, 2, ReadersQuery.Parse("select id\nfrom tally;\n\nselect total from tally where id = $1;\n"), CancellationToken.None);

        refused.Failures.ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            failure => failure.Gate.ShouldBe("queries-hold"),
            failure => failure.Problem.ShouldContain("«select events from tally where id = $1»: it fails: column \"events\" does not exist"));
        told.Findings.ShouldHaveSingleItem().Trouble.ShouldBe(QueryTrouble.Fails);
        (given.Planned, given.Findings.Count).ShouldBe((2, 0));

        await World.SwitchAsync(system, "tally", 2, new SwitchCommand { AcceptSlower = true });
        await world.Database.ExecuteAsync("select id from tally");
        await World.SwitchAsync(system, "tally", 1);
    }

    [PostgresFact(OwnCluster = true)]
    public async Task Statements_are_planned_once_for_the_tries_of_a_switch_and_those_who_look_and_again_when_something_about_them_has_changed()
    {
        await using var cluster = await postgres.OwnClusterAsync(
            new LocalPostgresOptions { Settings = new Dictionary<string, string> { ["shared_preload_libraries"] = "pg_stat_statements", ["autovacuum"] = "off" } });
        await using var world = await World.CreateAsync(await PostgresFixture.CreateDatabaseAsync(cluster));
        await world.Database.ExecuteAsync("create extension pg_stat_statements");
        var (system, _) = await world.BuildBothTalliesAsync();
        await world.Database.ExecuteAsync("select pg_stat_statements_reset()");
        await world.Database.ExecuteAsync(OfReaders);

        (await LookAsync(system)).ShouldBeEmpty();
        (await LookAsync(system)).ShouldBeEmpty();
        (await new CompareQueries(system).RunAsync(TallyWorld.Tally, 2, queries: null, CancellationToken.None)).Planned.ShouldBe(1);
        (await TimesComparedAsync(world)).ShouldBe(1);

        await world.Database.ExecuteAsync("create index on tally_v2 (events)");
        await LookAsync(system);
        (await TimesComparedAsync(world)).ShouldBe(2, "with an index that was not there before");

        await world.Database.ExecuteAsync("select count(*) from tally");
        (await new CompareQueries(system).RunAsync(TallyWorld.Tally, 2, queries: null, CancellationToken.None)).Planned.ShouldBe(2);
        (await TimesComparedAsync(world)).ShouldBe(3, "with a statement that nobody had sent before");
    }

    [PostgresFact]
    public async Task A_statement_that_returns_other_columns_behind_the_version_is_named_and_fails_where_it_was_prepared()
    {
        await using var world = await World.CreateAsync(postgres);
        var (system, _) = await world.BuildBothTalliesAsync();
        await using var reader = await world.Sql.OpenConnectionAsync();
        await using var prepared = new NpgsqlCommand("select * from tally", reader);
        await prepared.PrepareAsync();
        await using var named = new NpgsqlCommand("select id, total from tally", reader);
        await named.PrepareAsync();

        var report = await new CompareQueries(system).RunAsync(TallyWorld.Tally, 2, ReadersQuery.Parse($"{prepared.CommandText};\n{named.CommandText};\n"), CancellationToken.None);
        await World.SwitchAsync(system, "tally", 2);

        report.Findings.ShouldBeEmpty();
        report.PreparedAnew.ShouldHaveSingleItem().Text.ShouldBe(prepared.CommandText);
        await named.ExecuteNonQueryAsync();
        (await Should.ThrowAsync<PostgresException>(prepared.ExecuteNonQueryAsync())).MessageText.ShouldBe("cached plan must not change result type");
    }

    [PostgresFact]
    public async Task Without_such_an_account_a_switch_is_not_kept_waiting_and_who_asks_is_told()
    {
        await using var world = await World.CreateAsync(postgres);
        var (system, _) = await world.BuildBothTalliesAsync();

        (await Should.ThrowAsync<Projections.Commands.OperationRefused>(new CompareQueries(system).RunAsync(TallyWorld.Tally, 2, queries: null, CancellationToken.None)))
            .Message.ShouldContain("pg_stat_statements");
        await World.SwitchAsync(system, "tally", 2);
    }

    private static Task<IReadOnlyList<Switching.Gates.GateFailure>> LookAsync(ProjectionSystem system) =>
        new ReadSwitch(system).CheckAsync(new VersionId(TallyWorld.Tally, 2), new SwitchCommand(), CancellationToken.None);

    /// <summary>How often the view was made that takes the read name's place while statements are planned.</summary>
    private static Task<long> TimesComparedAsync(World world) =>
        world.Database.ScalarAsync<long>("select coalesce(sum(calls), 0)::bigint from pg_stat_statements where query ilike 'create temporary view%'");

    /// <summary>A v2 that counts no events.</summary>
    private sealed class TotalTallyV2() : TableProjection<Guid, TotalTallyV2.Row>("tally", 2, TallyEvents.Types)
    {
        public override VersionFiles Files { get; } = new(
            "projections/Tally/V2",
            "create table tally_v2 (id uuid primary key, total bigint not null)",
            null,
            "drop table tally_v2",
            "5555555555555555555555555555555555555555555555555555555555555555");

        protected override void Define(FoldDefinition<Guid, Row> on) => on.Event<Added>().ByStream().Upserts((row, e) => row.Total += e.Data.Amount);

        public sealed class Row
        {
            [Key]
            public Guid Id { get; set; }

            public long Total { get; set; }
        }
    }
}
