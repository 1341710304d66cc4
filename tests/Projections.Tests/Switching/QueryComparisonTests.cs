using Npgsql;
using Projections.Postgres;
using Projections.Switching.Queries;
using Projections.Testing;
using Projections.TestServers;

namespace Projections.Switching;

/// <summary>
/// What an application sends to its read name, planned behind versions that are worse, which must be told, and behind others that only differ, which must not.
/// </summary>
public sealed class QueryComparisonTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private const string Table =
        """
        create table {0} (
            id uuid primary key, number text not null, customer text not null, status text not null, total numeric(12,2) not null, lines int not null,
            tags text[] not null, body jsonb not null, due date not null, created timestamptz not null, note text)
        """;

    private const string Rows =
        """
        insert into {0} select md5(n::text)::uuid, 'N' || n, 'c' || n % 400, case n % 50 when 0 then 'open' else 'paid' end, n % 977, n % 7,
            array['t' || n % 200], jsonb_build_object('k', n % 1000), date '2026-01-01' + n % 700, timestamptz '2026-01-01' + n * interval '1 minute', null
        from generate_series(1, 4000) n
        """;

    private const string Indexes =
        """
        create unique index on {0} (number);
        create index on {0} (customer, created desc);
        create index on {0} (lower(customer));
        create index on {0} (created) where status = 'open';
        create index on {0} using gin (tags);
        create index on {0} ((body ->> 'k'));
        create index on {0} (due);
        create index on {0} (total) include (number);
        create index on {0} (created)
        """;

    /// <summary>What readers send; <c>$1</c> stands where they give a value.</summary>
    private static readonly string[] Sent =
    [
        "select * from bill where id = $1",
        "select id, total from public.bill where number = $1",
        "select id, total from bill where customer = $1 order by created desc limit $2",
        "select count(*) from bill where lower(customer) = $1",
        "select id from bill where status = 'open' and created < $1",
        "select id from bill where tags @> array[$1]::text[]",
        "select id from bill b where b.body ->> 'k' = $1",
        "select sum(total) from bill where due between $1 and $2",
        "select number from bill where total = $1",
        "select b.number, o.number from bill b join bill o on o.id = b.id where b.customer = $1",
        "select status, count(*) from bill group by status",
        "select id from bill where created > now() - interval $1 order by created limit 10",
        "select round(total / nullif(lines, 0), 2) from bill where id = any ($1)",
        "select id from \"public\".\"bill\" where number in ($1, $2)",
    ];

    [PostgresTheory]
    [InlineData("drop index bill_v2_number_idx", "number = $1")]
    [InlineData("drop index bill_v2_customer_created_idx; drop index bill_v2_created_idx1", "customer = $1 order by")]
    [InlineData("drop index bill_v2_lower_idx", "lower(customer)")]
    [InlineData("drop index bill_v2_created_idx; drop index bill_v2_created_idx1", "status = 'open'")]
    [InlineData("drop index bill_v2_tags_idx", "tags @>")]
    [InlineData("drop index bill_v2_expr_idx", "body ->>")]
    [InlineData("drop index bill_v2_due_idx", "due between")]
    [InlineData("drop index bill_v2_total_number_idx", "total = $1")]
    [InlineData("alter table bill_v2 drop constraint bill_v2_pkey", "id = $1")]
    [InlineData("drop index bill_v2_customer_created_idx; create index on bill_v2 (created, customer)", "join bill o")]
    [InlineData("drop index bill_v2_lower_idx; create index on bill_v2 (upper(customer))", "lower(customer)")]
    [InlineData("drop index bill_v2_number_idx; create index on bill_v2 using hash (note)", "number in")]
    [InlineData("alter table bill_v2 drop column lines", "nullif(lines")]
    [InlineData("alter table bill_v2 rename column customer to client", "customer = $1 order by")]
    [InlineData("alter table bill_v2 alter column number type bigint using substr(number, 2)::bigint", "number = $1")]
    [InlineData("alter table bill_v2 alter column total type text", "sum(total)")]
    [InlineData("drop index bill_v2_tags_idx; alter table bill_v2 alter column tags type text using tags[1]", "tags @>")]
    [InlineData("alter table bill_v2 alter column due type text", "due between")]
    [InlineData("drop index bill_v2_expr_idx; alter table bill_v2 alter column body type text", "body ->>")]
    [InlineData("insert into bill_v2 select gen_random_uuid(), number || '-' || m, customer, status, total, lines, tags, body, due, created, note from bill_v2, generate_series(1, 9) m; analyze bill_v2", "group by status")]
    public async Task A_version_behind_which_a_statement_is_worse_off_is_told(string change, string statement)
    {
        var report = await CompareAsync(change);

        report.NotPlanned.ShouldBeEmpty();
        report.Findings.ShouldContain(finding => finding.Query.Contains(statement, StringComparison.Ordinal), string.Join("\n", report.Findings));
    }

    [PostgresTheory]
    [InlineData("select 1")]
    [InlineData("alter table bill_v2 add column gross numeric(12,2) not null default 0")]
    [InlineData("alter table bill_v2 add column kind text default 'plain', add column paid_on date")]
    [InlineData("alter table bill_v2 alter column number type varchar(40)")]
    [InlineData("alter table bill_v2 alter column lines type bigint")]
    [InlineData("alter table bill_v2 alter column total type numeric(14,2); analyze bill_v2")]
    [InlineData("alter table bill_v2 alter column status type varchar")]
    [InlineData("alter table bill_v2 alter column note set default ''")]
    [InlineData("create index on bill_v2 (status)")]
    [InlineData("create index on bill_v2 (customer)")]
    [InlineData("drop index bill_v2_customer_created_idx; create index on bill_v2 (customer, created desc) include (total)")]
    [InlineData("alter table bill_v2 add constraint positive check (total >= 0)")]
    [InlineData("alter table bill_v2 alter column total set statistics 500; analyze bill_v2")]
    [InlineData("update bill_v2 set note = 'a note of usual length' where lines = 3; analyze bill_v2")]
    [InlineData("delete from bill_v2 where number like '%7'; analyze bill_v2")]
    [InlineData("insert into bill_v2 select gen_random_uuid(), number || '-2', customer, status, total, lines, tags, body, due, created, note from bill_v2 where lines < 2; analyze bill_v2")]
    [InlineData("alter table bill_v2 drop column note")]
    [InlineData("alter table bill_v2 set (fillfactor = 90)")]
    [InlineData("alter table bill_v2 rename constraint bill_v2_pkey to bill_key")]
    [InlineData("alter table bill_v2 enable row level security; create policy everything on bill_v2 using (true)")]
    public async Task A_version_that_only_differs_raises_no_alarm(string change)
    {
        var report = await CompareAsync(change);

        report.Planned.ShouldBe(Sent.Length);
        report.Findings.ShouldBeEmpty();
    }

    [PostgresFact]
    public async Task What_cannot_be_planned_behind_the_live_version_either_is_named_and_nothing_is_run_or_left()
    {
        await using var database = await CreateAsync("select 1");
        await database.ExecuteAsync("create table called (at timestamptz); create function touch() returns int language plpgsql as $$ begin insert into called values (now()); return 1; end $$");
        await using var connection = await database.DataSource.OpenConnectionAsync();

        var report = await new QueryComparison(connection, "public", "bill", "bill_v1").RunAsync(
            [new ReadersQuery("select of_old from bill", 5), new ReadersQuery("select touch() from bill where id = $1", 1), new ReadersQuery("select 1 from bill; drop table called", 1)],
            "bill_v2", ["id"], CancellationToken.None);

        report.Planned.ShouldBe(1);
        report.NotPlanned.Count.ShouldBe(2);
        report.NotPlanned[0].ShouldBe("select of_old from bill: column \"of_old\" does not exist");
        (await database.ScalarAsync<long>("select count(*) from called")).ShouldBe(0);
        (await connection.ScalarAsync<long>("select count(*) from pg_prepared_statements where name like 'projections%'", CancellationToken.None)).ShouldBe(0);
        (await connection.ScalarAsync<long>("select count(*) from pg_class where relname = 'bill'", CancellationToken.None)).ShouldBe(1);
    }

    private async Task<QueryReport> CompareAsync(string change)
    {
        await using var database = await CreateAsync(change);
        await using var connection = await database.DataSource.OpenConnectionAsync();
        var columns = await connection.QueryAsync(
            "select attname from pg_attribute where attrelid = 'bill_v2'::regclass and attnum > 0 and not attisdropped order by attnum", row => row.GetString(0), CancellationToken.None);
        return await new QueryComparison(connection, "public", "bill", "bill_v1").RunAsync(
            [.. Sent.Select(statement => new ReadersQuery(statement, 1))], "bill_v2", columns, CancellationToken.None);
    }

    private async Task<TestDatabase> CreateAsync(string change)
    {
        var database = await postgres.CreateDatabaseAsync();
        foreach (var table in (string[])["bill_v1", "bill_v2"])
        {
            foreach (var sql in (string[])[Table, Rows, Indexes])
            {
                await database.ExecuteAsync(sql.Replace("{0}", table, StringComparison.Ordinal));
            }
        }

        await database.ExecuteAsync("create view bill as select * from bill_v1; analyze");
        await database.ExecuteAsync(change);
        return database;
    }
}
