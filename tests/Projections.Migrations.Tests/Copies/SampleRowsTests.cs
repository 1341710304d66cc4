using Projections.Migrations.Copies;
using Projections.TestServers;
using Projections.Testing;

namespace Projections.Migrations.Tests.Copies;

public sealed class SampleRowsTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    [PostgresTheory]
    [InlineData("CREATE TABLE t (a bigint PRIMARY KEY, b int, c smallint NOT NULL, d numeric(5,2), e float8, f text, g varchar(3), h char(2), i bool, j uuid UNIQUE, k jsonb NOT NULL, l bytea, m date, n timestamptz, o time, p interval, q inet, r int[], s tstzrange, u tsvector, v xml, w money, x timetz, y oid, z bit(8))")]
    [InlineData("CREATE TABLE t (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, double bigint GENERATED ALWAYS AS (1 + 1) STORED)")]
    [InlineData("CREATE TYPE s AS ENUM ('a', 'b'); CREATE TABLE t (id serial PRIMARY KEY, state s NOT NULL)")]
    [InlineData("CREATE TABLE t (state text NOT NULL CHECK (state IN ('open', 'it''s paid')))")]
    [InlineData("CREATE TABLE t (state text NOT NULL CHECK (length(state) = 3 AND state <> 'abc') CHECK (state = 'xyz'))")]
    [InlineData("CREATE TABLE t (n int NOT NULL CHECK (n > 1000))")]
    [InlineData("CREATE DOMAIN positive AS int CHECK (VALUE > 0); CREATE TABLE t (n positive NOT NULL)")]
    [InlineData("CREATE TABLE u (id uuid PRIMARY KEY); CREATE TABLE t (id int, u uuid NOT NULL REFERENCES u)")]
    [InlineData("CREATE TABLE t (id int PRIMARY KEY, parent int REFERENCES t)")]
    [InlineData("CREATE TABLE p (at date NOT NULL) PARTITION BY RANGE (at); CREATE TABLE t PARTITION OF p FOR VALUES FROM ('2020-01-01') TO ('2020-02-01')")]
    [InlineData("CREATE TABLE p (kind text NOT NULL) PARTITION BY LIST (kind); CREATE TABLE t PARTITION OF p FOR VALUES IN ('in', 'out')")]
    public async Task Tables_get_rows_that_their_conditions_allow(string setup)
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await database.ExecuteAsync(setup);
        await using var connection = await database.DataSource.OpenConnectionAsync();

        (await new SampleRows(connection).FillAsync(CancellationToken.None)).ShouldBeEmpty();

        (await database.ScalarAsync<long>("SELECT count(*) FROM t")).ShouldBe(50);
    }

    [PostgresFact]
    public async Task A_table_that_cannot_be_filled_is_named_with_the_reason()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE TABLE t (a int NOT NULL, b int NOT NULL, CHECK (a > b))");
        await using var connection = await database.DataSource.OpenConnectionAsync();

        (await new SampleRows(connection).FillAsync(CancellationToken.None)).ShouldHaveSingleItem().ShouldContain("public.t has no rows on the copy");
    }
}
