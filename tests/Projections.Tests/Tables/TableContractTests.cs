using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;
using Projections.Definitions;
using Projections.Tables;
using Projections.Testing;
using Projections.TestServers;
using Projections.Tests.Definitions;

namespace Projections.Tests.Tables;

public sealed class TableContractTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private const string Sound = "create table test_v1 (id uuid primary key, value integer not null)";

    [PostgresTheory]
    [InlineData(Sound)]
    [InlineData("create table test_v1 (value integer not null, id uuid constraint k primary key)")]
    [InlineData("create table test_v1 (id uuid, value int4 not null, twice integer generated always as (value * 2) stored, primary key (id))")]
    [InlineData("create table test_v1 (id uuid primary key, value integer not null) partition by hash (id); create table test_v1_0 partition of test_v1 for values with (modulus 1, remainder 0)")]
    public async Task A_table_that_fits_its_row_type_has_no_errors(string tableSql) =>
        (await ErrorsAsync(Plain(tableSql))).ShouldBeEmpty();

    [PostgresFact]
    public async Task A_missing_column_is_named() =>
        (await ErrorsAsync(Plain("create table test_v1 (id uuid primary key)"))).ShouldBe(
        [
            "test v1: test_v1 has no column 'value', which the row type has as integer not null. Add it to table.sql, or mark the property [NotMapped].",
        ]);

    [PostgresFact]
    public async Task An_extra_column_is_named() =>
        (await ErrorsAsync(Plain("create table test_v1 (id uuid primary key, value integer not null, note varchar(20), at timestamptz not null default now())"))).ShouldBe(
        [
            "test v1: test_v1 has a column 'note' (character varying(20)), which the row type has not. Add a property for it, or take it out of table.sql.",
            "test v1: test_v1 has a column 'at' (timestamp with time zone not null), which the row type has not. Add a property for it, or take it out of table.sql.",
        ]);

    [PostgresFact]
    public async Task A_column_of_another_type_is_named_with_both_types() =>
        (await ErrorsAsync(Plain("create table test_v1 (id uuid primary key, value bigint not null)"))).ShouldBe(
        [
            "test v1: test_v1.value is bigint, but the row type needs integer. Declare the column integer, or change the property's type.",
        ]);

    [PostgresFact]
    public async Task Columns_whose_nullability_differs_are_named() =>
        (await ErrorsAsync(Of<Guid, NullableRow>("create table test_v1 (id uuid primary key, value integer, text text not null, maybe integer not null)"))).ShouldBe(
        [
            "test v1: test_v1.value takes NULL, but the row type's property is never null. Declare the column NOT NULL, or make the property nullable.",
            "test v1: test_v1.text is NOT NULL, but the row type's property may be null. Make the property non-nullable, or the column nullable.",
            "test v1: test_v1.maybe is NOT NULL, but the row type's property may be null. Make the property non-nullable, or the column nullable.",
        ]);

    [PostgresFact]
    public async Task A_table_without_a_primary_key_is_named() =>
        (await ErrorsAsync(Plain("create table test_v1 (id uuid not null unique, value integer not null)"))).ShouldBe(
        [
            "test v1: test_v1 has no primary key, but the row type's key is (id). Declare 'primary key (id)' in table.sql, or change which properties are marked [Key].",
        ]);

    [PostgresFact]
    public async Task A_primary_key_in_another_order_is_named() =>
        (await ErrorsAsync(Of<RowsOf.Pair, RowsOf.PairKey>("create table test_v1 (owner uuid, line integer, primary key (line, owner))"))).ShouldBe(
        [
            "test v1: test_v1 has the primary key (line, owner), but the row type's key is (owner, line). Declare 'primary key (owner, line)' in table.sql, or change which properties are marked [Key].",
        ]);

    [PostgresFact]
    public async Task Texts_and_numbers_with_a_limit_only_in_the_table_are_named_with_the_way_out() =>
        (await ErrorsAsync(Of<Guid, Limits>("create table test_v1 (id uuid primary key, name varchar(20) not null, code char(3) not null, price numeric(12,2) not null)"))).ShouldBe(
        [
            "test v1: test_v1.name is character varying(20), but the row type needs text. Declare the limit on the property as well, [Column(TypeName = \"character varying(20)\")], so that values are rounded or refused when the event is folded and not only when the row is written; or declare the column text.",
            "test v1: test_v1.code is character(3), but the row type needs text. Declare the column text: character(n) gives back padded text, not what was written.",
            "test v1: test_v1.price is numeric(12,2), but the row type needs numeric. Declare the limit on the property as well, [Column(TypeName = \"numeric(12,2)\")], so that values are rounded or refused when the event is folded and not only when the row is written; or declare the column numeric.",
        ]);

    [PostgresFact]
    public async Task Limits_that_property_and_column_share_fit() =>
        (await ErrorsAsync(Of<Guid, SharedLimits>("create table test_v1 (id uuid primary key, name varchar(20) not null, code varchar not null, price decimal(12,2) not null)"))).ShouldBeEmpty();

    [PostgresFact]
    public async Task A_table_of_another_name_is_named() =>
        (await ErrorsAsync(Plain("create table test_v2 (id uuid primary key, value integer not null)", "drop table test_v2"))).ShouldBe(
        [
            "test v1: test/V1/table.sql makes test_v2 in the schema of the read models. It must make test_v1 and no other table, and name no schema.",
        ]);

    [PostgresFact]
    public async Task A_second_table_is_named() =>
        (await ErrorsAsync(Plain($"{Sound}; create table test_extra (id integer)", "drop table test_v1, test_extra"))).ShouldBe(
        [
            "test v1: test/V1/table.sql makes test_extra and test_v1 in the schema of the read models. It must make test_v1 and no other table, and name no schema.",
        ]);

    [PostgresFact]
    public async Task A_file_that_makes_no_table_is_named() =>
        (await ErrorsAsync(Plain("select 1", "select 1"))).ShouldBe(
        [
            "test v1: test/V1/table.sql makes no table in the schema of the read models. It must make test_v1 and no other table, and name no schema.",
        ]);

    [PostgresFact]
    public async Task SQL_that_fails_is_named_with_its_file_and_line()
    {
        (await ErrorsAsync(Plain("create table test_v1 (\n    id uuid primary key,\n    value integr not null\n)"))).ShouldBe(
            ["test v1: test/V1/table.sql fails in line 3: type \"integr\" does not exist (SQLSTATE 42704). Mend the file."]);
        (await ErrorsAsync(Plain(Sound, indexesSql: "\ncreate index on test_v1 (valu)"))).ShouldBe(
            ["test v1: test/V1/indexes.sql fails: column \"valu\" does not exist (SQLSTATE 42703). Mend the file."]);
        (await ErrorsAsync(Plain(Sound, "drop table test_v11"))).ShouldBe(
            ["test v1: test/V1/down.sql fails: table \"test_v11\" does not exist (SQLSTATE 42P01). Mend the file."]);
    }

    [PostgresFact]
    public async Task What_down_sql_leaves_behind_is_named() =>
        (await ErrorsAsync(Plain($"create type colour as enum ('red'); create sequence numbers; {Sound}"))).ShouldBe(
        [
            "test v1: test/V1/down.sql leaves colour and numbers behind. It must drop everything that table.sql and indexes.sql make.",
        ]);

    [PostgresFact]
    public async Task The_check_leaves_nothing_behind_and_sees_nothing_of_the_real_tables()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var connection = await database.DataSource.OpenConnectionAsync();
        await database.ExecuteAsync("create table test_v1 (other text)");

        (await TableContract.FindErrorsAsync(connection, [Plain(Sound), Plain("nonsense"), Plain(Sound)], CancellationToken.None)).Count.ShouldBe(1);

        (await database.ScalarAsync<long>("select count(*) from pg_namespace where nspname like 'projections_check%'")).ShouldBe(0);
        (await TableShapes.ReadAsync(connection, "public", "test_v1", CancellationToken.None))!.Columns.ShouldBe([new ColumnDefinition("other", "text", true, 0)]);
        (await TableShapes.ReadAsync(connection, "public", "test_v2", CancellationToken.None)).ShouldBeNull();
    }

    private async Task<IReadOnlyList<string>> ErrorsAsync(ProjectionVersion version)
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var connection = await database.DataSource.OpenConnectionAsync();
        return [.. (await TableContract.FindErrorsAsync(connection, [version], CancellationToken.None)).Select(error => error.Text)];
    }

    private static Declared<Guid, PlainRow> Plain(string tableSql, string downSql = "drop table test_v1", string? indexesSql = null) =>
        new(on => on.Event<Happened>().ByStream().Upserts((_, _) => { })) { TableSql = tableSql, DownSql = downSql, IndexesSql = indexesSql };

    private static Declared<TKey, TRow> Of<TKey, TRow>(string tableSql)
        where TKey : notnull
        where TRow : class, new() =>
        new(on => on.Event<Happened>().By(_ => default!).Upserts((_, _) => { })) { TableSql = tableSql };

    private sealed class NullableRow
    {
        [Key]
        public Guid Id { get; set; }

        public int Value { get; set; }

        public string? Text { get; set; }

        public int? Maybe { get; set; }
    }

    private sealed class Limits
    {
        [Key]
        public Guid Id { get; set; }

        public string Name { get; set; } = "";

        public string Code { get; set; } = "";

        public decimal Price { get; set; }
    }

    private sealed class SharedLimits
    {
        [Key]
        public Guid Id { get; set; }

        [Column(TypeName = "varchar(20)")]
        public string Name { get; set; } = "";

        [Column(TypeName = "text")]
        public string Code { get; set; } = "";

        [Column(TypeName = "numeric(12, 2)")]
        public decimal Price { get; set; }
    }
}
