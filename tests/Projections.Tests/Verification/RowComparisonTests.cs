using System.Data;
using Projections.Definitions;
using Projections.Tables;
using Projections.Testing;
using Projections.TestServers;
using Projections.Verification;

namespace Projections.Tests.Verification;

public sealed class RowComparisonTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private const string Columns =
        """
        id uuid primary key, whole integer not null, big bigint not null, amount numeric not null, name text not null, note text,
        at timestamptz not null, flag boolean not null, tags text[] not null, body jsonb not null, day date, share double precision
        """;

    private const string Fill =
        """
        insert into filled select md5(i::text)::uuid, i % 7, i, i / 3.0, 'name ' || (i % 100), case when i % 3 = 0 then 'note ' || i end,
            timestamptz '2020-01-01' + i * interval '1 second', i % 2 = 0, array[i::text], jsonb_build_object('n', i), date '2020-01-01' + i % 1000, i / 7.0
        from generate_series(1, 200000) i
        """;

    [PostgresFact]
    public async Task Planted_differences_of_every_kind_are_all_found_and_nothing_else()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await FillBothAsync(database);
        await database.ExecuteAsync(
            $"""
            update later set whole = whole + 1 where id = {Id(10)};
            update later set big = 4294967295 where id = {Id(20)};
            update earlier set big = -1 where id = {Id(20)};
            update later set amount = amount + 0.0001 where id = {Id(30)};
            update later set name = 'Name 40' where id = {Id(40)};
            update later set note = null where id = {Id(60)};
            update later set note = '' where id = {Id(61)};
            update later set at = at + interval '1 microsecond' where id = {Id(70)};
            update later set flag = not flag where id = {Id(80)};
            update later set tags = array['x'] where id = {Id(90)};
            update later set body = body || jsonb_build_object('more', 1) where id = {Id(100)};
            update later set day = null where id = {Id(110)};
            update later set share = share + 1e-9 where id = {Id(120)};
            update later set name = 'name 99', whole = 6, flag = true where id = {Id(131)};
            delete from later where id in ({Id(140)}, {Id(141)});
            delete from earlier where id in ({Id(150)}, {Id(151)}, {Id(152)})
            """);

        var result = await CompareAsync(database, null);

        result.RowsOfEarlier.ShouldBe(200_000 - 3);
        result.RowsOfLater.ShouldBe(200_000 - 2);
        result.OnlyInEarlier.ShouldBe(2);
        result.OnlyInLater.ShouldBe(3);
        result.Differing.ShouldBe(13);
        result.Equal.ShouldBe(200_000 - 2 - 3 - 13);
        result.DifferingByColumn.ShouldBe(
            new Dictionary<string, long>
            {
                ["whole"] = 2, ["big"] = 1, ["amount"] = 1, ["name"] = 2, ["note"] = 2, ["at"] = 1, ["flag"] = 2, ["tags"] = 1, ["body"] = 1, ["day"] = 1, ["share"] = 1,
            },
            ignoreOrder: true);
        var sample = result.Differences.Single(kind => kind.Columns is ["big"]).Samples.ShouldHaveSingleItem();
        sample.Key["id"].ShouldBe(await database.ScalarAsync<string>($"select ({Id(20)})::text"));
        sample.Earlier!["big"].ShouldBe("-1");
        sample.Later!["big"].ShouldBe("4294967295");
        result.Differences.Single(kind => kind.Kind == DifferenceKind.OnlyLater).Samples.Count.ShouldBe(3);
    }

    [PostgresFact]
    public async Task Values_that_two_rows_have_exchanged_are_found()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await FillBothAsync(database);

        await database.ExecuteAsync("update later set big = case when big % 2 = 0 then big - 1 else big + 1 end where big <= 10000");

        var result = await CompareAsync(database, null);

        result.Differing.ShouldBe(10_000);
        result.DifferingByColumn.ShouldBe(new Dictionary<string, long> { ["big"] = 10_000 });
    }

    [PostgresFact]
    public async Task Amounts_that_are_all_wrong_by_the_same_factor_are_all_found()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        // PostgreSQL's hashes of 3 and 30000 differ in one bit, the same one in each row: two such differences must not undo each other.
        await FillAsync(
            database,
            """
            create table earlier (id integer primary key, amount numeric);
            create table later (id integer primary key, amount numeric);
            insert into earlier select i, i % 9 + 1 from generate_series(1, 100000) i;
            insert into later select id, amount * 10000 from earlier
            """);

        (await CompareAsync(database, null)).Differing.ShouldBe(100_000);
    }

    [PostgresFact]
    public async Task Equal_values_of_different_types_and_scales_are_equal()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await database.ExecuteAsync(
            """
            create table earlier (id integer primary key, n integer, amount numeric, name varchar(20), body json);
            create table later (id bigint primary key, n bigint, amount numeric(14,2), name text, body jsonb);
            insert into earlier select i, -i, i + 0.5, 'n' || i, '{"b": 1, "a": 2}' from generate_series(1, 100) i;
            insert into later select i, -i, i + 0.5, 'n' || i, '{"a": 2, "b": 1}' from generate_series(1, 100) i
            """);

        var result = await CompareAsync(database, null);

        result.Agrees.ShouldBeTrue();
        result.Equal.ShouldBe(100);
        result.LeftOut.ShouldBeEmpty();
    }

    [PostgresFact]
    public async Task Declared_changes_leave_only_what_was_not_meant()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await database.ExecuteAsync(
            """
            create table earlier (id integer primary key, total numeric, tax numeric, closed boolean, old_only text);
            create table later (id integer primary key, gross numeric, tax bigint, status text, closed text, fresh text);
            insert into earlier select i, i, i / 100.0, i % 2 = 0, 'x' from generate_series(1, 100) i;
            insert into later select i, i, i, case when i % 2 = 0 then 'closed' else 'open' end, 'no', 'y' from generate_series(1, 103) i where i <> 50;
            update later set gross = 0 where id = 7;
            update later set tax = 1 where id = 8;
            update later set status = 'open' where id = 10
            """);
        var changes = new VersionChanges(1)
            .Renamed("total", "gross")
            .Computed("tax", "tax * 100")
            .Computed("status", "case when closed then 'closed' else 'open' end")
            .Different("closed")
            .DropsRows("id = 50")
            .AddsRows("id > 101");

        var result = await CompareAsync(database, changes);

        result.DifferingByColumn.ShouldBe(new Dictionary<string, long> { ["gross"] = 1, ["tax"] = 1, ["status"] = 1 }, ignoreOrder: true);
        result.OnlyInEarlier.ShouldBe(0);
        result.OnlyInLater.ShouldBe(1);
        result.Differences.Single(kind => kind.Kind == DifferenceKind.OnlyLater).Samples.ShouldHaveSingleItem().Key["id"].ShouldBe("101");
        result.LeftOut.Select(column => column.Name).ShouldBe(["closed", "fresh", "old_only"], ignoreOrder: true);
    }

    [PostgresFact]
    public async Task Rows_are_matched_by_all_parts_of_their_key()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await database.ExecuteAsync(
            """
            create table earlier (customer text, month date, net numeric, primary key (customer, month));
            create table later (like earlier including indexes);
            insert into earlier select 'c' || i % 10, date '2020-01-01' + i / 10, i from generate_series(0, 999) i;
            insert into later select * from earlier;
            update later set net = 0 where customer = 'c3' and month <= '2020-01-05';
            delete from later where customer = 'c4' and month = '2020-01-08'
            """);

        var result = await CompareAsync(database, null);

        (result.Equal, result.Differing, result.OnlyInEarlier, result.OnlyInLater).ShouldBe((994, 5, 1, 0));
        result.Differences.Single(kind => kind.Kind == DifferenceKind.Values).Samples[0].Key
            .ShouldBe(new Dictionary<string, string?> { ["customer"] = "c3", ["month"] = "2020-01-01" }, ignoreOrder: true);
    }

    [PostgresFact]
    public async Task Texts_that_a_collation_takes_for_equal_differ()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await database.ExecuteAsync(
            """
            create collation careless (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
            create table earlier (id integer primary key, name text collate careless);
            create table later (id integer primary key, name text collate careless);
            insert into earlier values (1, 'ana'), (2, 'bo');
            insert into later values (1, 'Ana'), (2, 'bo')
            """);

        (await CompareAsync(database, null)).DifferingByColumn.ShouldBe(new Dictionary<string, long> { ["name"] = 1 });
    }

    [PostgresFact]
    public async Task A_row_of_which_a_condition_knows_nothing_is_compared()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await database.ExecuteAsync(
            """
            create table earlier (id integer primary key, cancelled boolean);
            create table later (id integer primary key, cancelled boolean);
            insert into earlier values (1, true), (2, false), (3, null)
            """);

        (await CompareAsync(database, new VersionChanges(1).DropsRows("cancelled"))).OnlyInEarlier.ShouldBe(2);
    }

    [PostgresTheory]
    [InlineData("k uuid primary key", "k uuid primary key", "md5(i::text)::uuid")]
    [InlineData("k text primary key", "k text primary key", "chr(65 + i % 57) || md5(i::text) || 'é'")]
    [InlineData("k text primary key", "k text collate \"C\" primary key", "chr(65 + i % 57) || md5(i::text) || 'é'")]
    [InlineData("k varchar(60) primary key", "k text primary key", "chr(65 + i % 57) || md5(i::text)")]
    [InlineData("k text collate careless primary key", "k text collate careless primary key", "chr(65 + i % 26) || i")]
    [InlineData("k integer primary key", "k bigint primary key", "(i * 7919) % 100003 - 50000")]
    [InlineData("k numeric(14,4) primary key", "k numeric(14,2) primary key", "round(i / 100.0, 2)")]
    [InlineData("k timestamptz primary key", "k timestamptz primary key", "timestamptz '1999-12-31 23:00' + i * interval '37 minutes'")]
    [InlineData("k mood, n integer, primary key (k, n)", "n integer, k mood, primary key (n, k)", "(array['sad', 'ok', 'happy'])[1 + i % 3]::mood")]
    [InlineData("k text collate \"C\", n integer, primary key (k, n)", "k text, n integer, primary key (k, n)", "'Tenant ' || i % 2")]
    public async Task Whatever_the_keys_are_all_ranges_together_are_all_rows_once(string earlier, string later, string key)
    {
        await using var database = await postgres.CreateDatabaseAsync();
        var columns = earlier.Contains("n integer", StringComparison.Ordinal) ? "k, n, v" : "k, v";
        var values = columns == "k, v" ? $"{key}, i" : $"{key}, i, i";
        await database.ExecuteAsync(
            $"""
            create type mood as enum ('sad', 'ok', 'happy');
            create collation careless (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
            create table earlier ({earlier}, v integer);
            create table later ({later}, v integer);
            insert into earlier ({columns}) select {values} from generate_series(1, 5000) i;
            insert into later ({columns}) select {values} from generate_series(1, 5000) i order by md5(i::text);
            update later set v = 0 where v in (1, 2500, 5000);
            delete from later where v in (3, 2501);
            delete from earlier where v in (4, 5, 4999)
            """);

        var result = await CompareAsync(database, null, new ComparisonPace { SampledShare = 1, SampledPagesAPart = 1 });

        (result.Equal, result.Differing, result.OnlyInEarlier, result.OnlyInLater).ShouldBe((5_000 - 8, 3, 2, 3));
        result.Differences.Single(kind => kind.Kind == DifferenceKind.Values).Samples.Select(sample => sample.Earlier!["v"]).ShouldBe(["1", "2500", "5000"], ignoreOrder: true);
    }

    [PostgresFact]
    public async Task Rows_beyond_the_other_tables_last_key_are_found()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await database.ExecuteAsync(
            """
            create table earlier (id integer primary key);
            create table later (id integer primary key);
            insert into earlier select generate_series(1, 20000)
            """);

        var result = await CompareAsync(database, null, new ComparisonPace { SampledShare = 1, SampledPagesAPart = 1 });

        (result.Equal, result.OnlyInEarlier).ShouldBe((0, 20_000));
        result.Differences.ShouldHaveSingleItem().Samples.Count.ShouldBe(3);
    }

    [PostgresFact]
    public async Task Tables_without_a_key_in_common_are_refused_with_both_keys()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await database.ExecuteAsync("create table earlier (id integer primary key, name text); create table later (name text primary key, id integer)");

        var refused = await Should.ThrowAsync<NotComparable>(CompareAsync(database, null));

        refused.Message.ShouldStartWith("The rows of earlier and later cannot be matched: the key of the one is (id), of the other (name).");
    }

    [PostgresFact]
    public async Task A_declared_change_that_names_no_column_is_refused()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await database.ExecuteAsync("create table earlier (id integer primary key); create table later (id integer primary key)");

        var refused = await Should.ThrowAsync<NotComparable>(CompareAsync(database, new VersionChanges(1).Renamed("totl", "gross")));

        refused.Message.ShouldContain("earlier has no column 'totl', later has no column 'gross'");
    }

    private static string Id(int number) => $"md5('{number}')::uuid";

    private static Task FillBothAsync(TestDatabase database) => FillAsync(
        database,
        $"create table earlier ({Columns}); create table later ({Columns}); {Fill.Replace("filled", "earlier", StringComparison.Ordinal)}; {Fill.Replace("filled", "later", StringComparison.Ordinal)}; analyze");

    // However long a machine takes for so many rows.
    private static async Task FillAsync(TestDatabase database, string sql)
    {
        await using var command = database.DataSource.CreateCommand(sql);
        command.CommandTimeout = 0;
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<ComparisonResult> CompareAsync(TestDatabase database, VersionChanges? changes, ComparisonPace? pace = null)
    {
        await using var connection = await database.DataSource.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead);
        var earlier = await TableShapes.ReadAsync(connection, "public", "earlier", CancellationToken.None);
        var later = await TableShapes.ReadAsync(connection, "public", "later", CancellationToken.None);
        return await new RowComparison(connection, ComparisonPlan.Of("earlier", earlier!, "later", later!, changes), pace ?? ComparisonPace.Usual).RunAsync(CancellationToken.None);
    }
}
