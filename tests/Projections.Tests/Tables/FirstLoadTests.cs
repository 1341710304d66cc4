using Projections.Definitions;
using Projections.Events;
using Projections.Tables;
using Projections.Testing;
using Projections.TestServers;
using Projections.Tests.Events;

namespace Projections.Tests.Tables;

/// <summary>The first rows of a table come in without its key, and nobody can tell afterwards.</summary>
public sealed class FirstLoadTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private const int Rows = FirstLoad.FewestRows;

    private const string Plain = "create table counted_v1 (id int primary key, amount int not null)";

    private const string InPartitions =
        """
        create table counted_v1 (id int primary key, amount int not null) partition by hash (id);
        create table counted_v1_0 partition of counted_v1 for values with (modulus 2, remainder 0);
        create table counted_v1_1 partition of counted_v1 for values with (modulus 2, remainder 1)
        """;

    private const string InPartsOfParts =
        """
        create table counted_v1 (id int primary key, amount int not null) partition by range (id);
        create table counted_v1_low partition of counted_v1 for values from (0) to (1000);
        create table counted_v1_rest partition of counted_v1 default partition by hash (id);
        create table counted_v1_rest_0 partition of counted_v1_rest for values with (modulus 1, remainder 0)
        """;

    private const string KeysOfAll = "select string_agg(conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid), '; ' order by conrelid::regclass::text, conname) from pg_constraint where contype in ('p', 'u')";

    private const string KeyOid = "select oid::bigint from pg_constraint where conrelid = 'counted_v1'::regclass and contype = 'p'";

    private static readonly EventTypes Types = EventTypes.Create(types => types.Map<Counted>("counted"));

    [PostgresTheory]
    [InlineData(Plain)]
    [InlineData("create table counted_v1 (id int, amount int not null, constraint \"The Key\" primary key (id) include (amount))")]
    [InlineData("create table counted_v1 (id int primary key, amount int not null, unique (id, amount))")]
    [InlineData(InPartitions)]
    [InlineData(InPartsOfParts)]
    public async Task The_key_is_the_same_as_before(string sql)
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var table = await VersionTable.CreateAsync(database, new CountedVersion(sql));
        var (keys, oid) = (await database.ScalarAsync<string>(KeysOfAll), await database.ScalarAsync<long>(KeyOid));
        using var fold = table.Open();

        await table.FoldAsync(fold, Events(Rows));
        await table.CommitAsync(fold);

        (await database.ScalarAsync<string>(KeysOfAll)).ShouldBe(keys);
        (await database.ScalarAsync<long>(KeyOid)).ShouldNotBe(oid, "else the key was never taken off");
        (await database.ScalarAsync<long>("select sum(amount) from counted_v1")).ShouldBe(Rows);
    }

    [PostgresFact]
    public async Task The_rows_need_no_vacuum_any_more()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var table = await VersionTable.CreateAsync(database, new CountedVersion(Plain));
        using var fold = table.Open();

        await table.FoldAsync(fold, Events(Rows));
        await table.CommitAsync(fold);

        // From version 16 on, PostgreSQL makes a table longer by up to 64 pages at once. Those that no row has come to are not marked, nor need they be.
        await table.ExecuteAsync("analyze counted_v1");
        (await database.ScalarAsync<long>("select relallvisible::bigint from pg_class where oid = 'counted_v1'::regclass"))
            .ShouldBe(await database.ScalarAsync<long>("select count(distinct split_part(ctid::text, ',', 1)) from counted_v1"));
    }

    [PostgresFact]
    public async Task A_first_write_that_is_rolled_back_leaves_the_empty_table_with_its_key()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var table = await VersionTable.CreateAsync(database, new CountedVersion(Plain));
        var oid = await database.ScalarAsync<long>(KeyOid);
        using var fold = table.Open();

        await table.FoldAsync(fold, Events(Rows));
        await table.WriteAndRollBackAsync(fold);

        (await database.ScalarAsync<long>(KeyOid)).ShouldBe(oid);
        (await database.ScalarAsync<long>("select count(*) from counted_v1")).ShouldBe(0);
    }

    [PostgresFact]
    public async Task Only_the_first_rows_come_in_that_way()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var table = await VersionTable.CreateAsync(database, new CountedVersion(Plain));
        using var fold = table.Open();
        await table.FoldAsync(fold, Events(Rows));
        await table.CommitAsync(fold);
        var oid = await database.ScalarAsync<long>(KeyOid);

        await table.FoldAsync(fold, Events(Rows * 2));
        await table.CommitAsync(fold);

        (await database.ScalarAsync<long>(KeyOid)).ShouldBe(oid);
        (await database.ScalarAsync<long>("select sum(amount) from counted_v1")).ShouldBe(Rows * 3);
    }

    [PostgresTheory]
    [InlineData("comment on constraint counted_v1_pkey on counted_v1 is 'kept'")]
    [InlineData("create table other (id int references counted_v1)")]
    [InlineData("alter table counted_v1 cluster on counted_v1_pkey")]
    [InlineData("alter index counted_v1_pkey set (fillfactor = 70)")]
    [InlineData("alter table counted_v1 replica identity using index counted_v1_pkey")]
    [InlineData("create view grouped as select id, amount from counted_v1 group by id")]
    [InlineData("create function nothing() returns trigger language plpgsql as 'begin return new; end'; create trigger looking before insert on counted_v1 for each row execute function nothing()")]
    public async Task A_key_that_would_not_come_back_as_it_was_stays(string more)
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var table = await VersionTable.CreateAsync(database, new CountedVersion($"{Plain}; {more}"));
        var oid = await database.ScalarAsync<long>(KeyOid);
        using var fold = table.Open();

        await table.FoldAsync(fold, Events(Rows));
        await table.CommitAsync(fold);

        (await database.ScalarAsync<long>(KeyOid)).ShouldBe(oid);
        (await database.ScalarAsync<long>("select sum(amount) from counted_v1")).ShouldBe(Rows);
    }

    [PostgresTheory]
    [InlineData(InPartitions + "; comment on constraint counted_v1_1_pkey on counted_v1_1 is 'kept'")]
    [InlineData(InPartitions + "; alter index counted_v1_0_pkey set (fillfactor = 70)")]
    [InlineData(InPartitions + "; create function nothing() returns trigger language plpgsql as 'begin return new; end'; create trigger looking before insert on counted_v1_1 for each row execute function nothing()")]
    [InlineData("create table counted_v1 (id int, amount int not null); create unique index on counted_v1 (id)")]
    public async Task A_table_of_another_kind_is_filled_as_it_is(string sql)
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var table = await VersionTable.CreateAsync(database, new CountedVersion(sql));
        using var fold = table.Open();

        await table.FoldAsync(fold, Events(Rows));
        await table.CommitAsync(fold);

        (await database.ScalarAsync<long>("select sum(amount) from counted_v1")).ShouldBe(Rows);
    }

    [PostgresFact]
    public async Task Rows_that_the_table_was_made_with_are_kept()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var table = await VersionTable.CreateAsync(database, new CountedVersion($"{Plain}; insert into counted_v1 values (-1, 1)"));
        using var fold = table.Open();

        await table.FoldAsync(fold, Events(Rows));
        await table.CommitAsync(fold);

        (await database.ScalarAsync<long>("select count(*) from counted_v1")).ShouldBe(Rows + 1);
    }

    [PostgresFact]
    public async Task Somebody_who_looks_at_the_table_holds_nothing_up()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var table = await VersionTable.CreateAsync(database, new CountedVersion(Plain));
        await using var onlooker = await database.DataSource.OpenConnectionAsync();
        await using var looking = await onlooker.BeginTransactionAsync();
        await using (var look = new Npgsql.NpgsqlCommand("select count(*) from counted_v1", onlooker))
        {
            await look.ExecuteScalarAsync();
        }

        using var fold = table.Open();
        await table.FoldAsync(fold, Events(Rows));
        await table.ExecuteAsync("set lock_timeout = '100ms'");
        await table.CommitAsync(fold);

        (await database.ScalarAsync<long>("select count(*) from counted_v1")).ShouldBe(Rows);
    }

    private static RecordedEvent[] Events(int rows) => [.. Enumerable.Range(0, rows).Select(i => Recorded.Event(i + 1, "counted", $$"""{"id":{{i}}}"""))];

    private sealed record Counted(int Id);

    private sealed class CountedVersion(string sql) : TableProjection<int, CountedVersion.Row>("counted", 1, Types)
    {
        public override VersionFiles Files => new("test/Counted/V1", sql, null, "drop table counted_v1", "none");

        protected override void Define(FoldDefinition<int, Row> on) => on.Event<Counted>().By(e => e.Data.Id).Upserts((row, _) => row.Amount++);

        public sealed class Row
        {
            [System.ComponentModel.DataAnnotations.Key]
            public int Id { get; set; }

            public int Amount { get; set; }
        }
    }
}
