using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Projections.Catalog;
using Projections.Definitions;
using Projections.Events;
using Projections.Following;
using Projections.ReadModels.InvoiceSummary.V1;
using Projections.Testing;
using Projections.TestServers;
using Projections.Tests.Following;

namespace Projections.Tests.Catalog;

/// <summary>A worker that takes a version over from one that may sleep, or be very much alive.</summary>
public sealed class TakeoverTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(50);

    [PostgresFact]
    public async Task Only_sessions_that_have_locked_what_is_taken_over_are_ended()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await new ProjectionCatalog(database.DataSource).InstallAsync(CancellationToken.None);
        await database.ExecuteAsync("create table tally_v1 (id int); create table tally_v2 (id int)");
        await using var writer = await BeginAsync(database, "projections/old", "insert into tally_v2 values (1)");
        await using var reader = await BeginAsync(database, "projections/old", "select from tally_v2");
        await using var other = await BeginAsync(database, "projections/old", "insert into tally_v1 values (1)");
        await using var maker = await BeginAsync(database, "projections/old", "create table tally_v3 (id int)");
        await using var stranger = await BeginAsync(database, "report", "insert into tally_v2 values (2)");
        await database.ExecuteAsync("select pg_sleep(0.05)");

        await TakeOverAsync(database, 2, hasTable: true);

        await UntilEndedAsync(database, writer);
        (await AreOpenAsync(database, reader, other, maker, stranger)).ShouldBe(4);

        // Nobody but its maker sees the table that v3 is to have, and yet nobody else can make it.
        await TakeOverAsync(database, 3, hasTable: false);
        await UntilEndedAsync(database, maker);
        (await AreOpenAsync(database, reader, other, stranger)).ShouldBe(3);
    }

    [PostgresFact]
    public async Task A_lease_whose_taking_over_met_a_refused_connection_is_not_renewed_and_another_worker_gets_it()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await new ProjectionCatalog(database.DataSource).InstallAsync(CancellationToken.None);
        await database.ExecuteAsync(
            """
            insert into projections.projection (name, source) values ('tally', 'test');
            insert into projections.version (projection, number, phase, role, lease_holder) values ('tally', 1, 'planned', 'candidate', 'old')
            """);
        await using var sessions = new FailingSessions(database.ConnectionString, new NpgsqlException("Failed to connect"));
        var time = new SteppedTime();
        await using var keeper = new LeaseKeeper(sessions.DataSource, "new", Short, time, NullLogger.Instance);
        var version = (await new ProjectionCatalog(database.DataSource).ReadAsync(new ProjectionName("tally"), CancellationToken.None))!.Find(1)!;
        await using var connection = await database.DataSource.OpenConnectionAsync();
        var leases = await keeper.TryTakeAsync(connection, [version], CancellationToken.None);

        sessions.FailNext();
        await Should.ThrowAsync<NpgsqlException>(keeper.KeepAsync(leases!, [version], CancellationToken.None));

        await using var other = new LeaseKeeper(database.DataSource, "other", Short, time, NullLogger.Instance);
        await using var lease = await Deadline.UntilAsync<Lease?>(
            async () =>
            {
                time.Fire();
                return await other.TryTakeAsync(version, CancellationToken.None);
            },
            taken => taken is not null,
            "run out, although nobody has it");
    }

    [PostgresFact]
    public async Task Whoever_takes_over_while_the_earlier_holder_commits_goes_on_behind_what_that_one_has_committed()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var system = new ProjectionSystem(
            ProjectionRegistry.Of(new InvoiceSummaryV1()), database.ConnectionString, new PooledSource(0, _ => default), new ProjectionsOptions(), NullLoggerFactory.Instance);
        await system.Catalog.InstallAsync(CancellationToken.None);
        await database.ExecuteAsync(
            """
            insert into projections.projection (name, source) values ('invoice_summary', 'test');
            insert into projections.version (projection, number, phase, role, has_table, position_major, position_minor, lease_holder, lease_until)
            values ('invoice_summary', 1, 'following', 'candidate', true, 100, 0, 'old', now() - interval '1 s')
            """);
        await using var keeper = new LeaseKeeper(database.DataSource, "new", Short, new SteppedTime(), NullLogger.Instance);
        await using var late = await BeginAsync(database, "projections/old", "update projections.version set position_major = 120");

        var forming = LockstepFormation.TryFormAsync(system, keeper, new ProjectionName("invoice_summary"), CancellationToken.None);
        await Deadline.UntilAsync(
            () => database.ScalarAsync<long>("select count(*) from pg_stat_activity where wait_event_type = 'Lock' and query like '%lease_epoch + 1%' and datname = current_database()"),
            waiting => waiting == 1,
            "wait for what the earlier holder commits");
        await using (var commit = new NpgsqlCommand("commit", late))
        {
            await commit.ExecuteNonQueryAsync();
        }

        await using var members = await forming;

        members.ShouldNotBeNull().Position.ShouldBe(new EventPosition(120));
    }

    [Fact]
    public void No_two_workers_have_the_same_name_and_PostgreSQL_cuts_none()
    {
        var host = $"{new string('p', 60)}-7d9f8b6c5d-x2x4q";

        var names = Enumerable.Range(0, 100).Select(_ => WorkerName.Create(host, int.MaxValue, Guid.NewGuid())).ToList();

        names.Distinct().Count().ShouldBe(100);
        names.ShouldAllBe(name => System.Text.Encoding.UTF8.GetByteCount(WorkerName.OfSessions(name)) == 63 && name.Contains("-x2x4q-", StringComparison.Ordinal));
        WorkerName.Create("büro", 7, Guid.Empty).ShouldBe("b-ro-7-0000000000000000");
    }

    private static async Task TakeOverAsync(TestDatabase database, int number, bool hasTable)
    {
        await using var keeper = new LeaseKeeper(database.DataSource, "new", Short, new SteppedTime(), NullLogger.Instance);
        var version = new VersionSnapshot { Id = new VersionId(new ProjectionName("tally"), number), State = VersionState.Live, Phase = VersionPhase.CatchingUp, LeaseHolder = "old", LeaseEpoch = new LeaseEpoch(1), HasTable = hasTable };
        await using var lease = new Lease(keeper, version);
        await keeper.KeepAsync([lease], [version], CancellationToken.None);
    }

    private static async Task<NpgsqlConnection> BeginAsync(TestDatabase database, string name, string sql)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(database.ConnectionString) { ApplicationName = name, Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand($"begin; {sql}", connection);
        await command.ExecuteNonQueryAsync();
        return connection;
    }

    private static async Task UntilEndedAsync(TestDatabase database, NpgsqlConnection session)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (await AreOpenAsync(database, session) > 0)
        {
            await Task.Delay(10, patience.Token);
        }
    }

    private static Task<long> AreOpenAsync(TestDatabase database, params NpgsqlConnection[] sessions) =>
        database.ScalarAsync<long>($"select count(*) from pg_stat_activity where pid in ({string.Join(", ", sessions.Select(session => session.ProcessID))})");
}
