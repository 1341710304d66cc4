using System.ComponentModel.DataAnnotations;
using Projections.Definitions;
using Projections.Events;
using Projections.Tables;
using Projections.Testing;
using Projections.TestServers;
using Projections.Tests.Definitions;
using Projections.Tests.Events;

namespace Projections.Tests.Tables;

/// <summary>Rows are the same whichever way they were written and read: COPY, staging and merge, statements with arrays, or a statement a row.</summary>
public sealed class RowMappingTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private const int Few = 10;
    private const int Many = RowWriter<int, EveryType>.SmallWrite + 1;

    private static readonly EventTypes Types = EventTypes.Create(types => types.Map<Filled>("filled").Map<Looked>("looked").Map<Dropped>("dropped"));

    [PostgresFact]
    public async Task The_table_of_every_type_fits_its_row_type()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var connection = await database.DataSource.OpenConnectionAsync();

        (await TableContract.FindErrorsAsync(connection, [Version<EveryType>(EveryType.TableSql, [])], CancellationToken.None)).ShouldBeEmpty();
    }

    [PostgresTheory]
    [InlineData(Many, false)]
    [InlineData(Few, false)]
    [InlineData(1, false)]
    [InlineData(Many, true)]
    [InlineData(Few, true)]
    [InlineData(1, true)]
    public async Task Every_type_comes_back_as_it_was_written(int rows, bool asUpdate)
    {
        await ComeBackAsync<EveryType>(EveryType.TableSql, rows, asUpdate);
        await ComeBackAsync<EveryScalar>(EveryScalar.ScalarsSql, rows, asUpdate);
    }

    [PostgresFact]
    public async Task All_ways_of_writing_leave_the_same_in_the_table()
    {
        await BeTheSameAsync<EveryType>(EveryType.TableSql);
        await BeTheSameAsync<EveryScalar>(EveryScalar.ScalarsSql);
    }

    [PostgresTheory]
    [InlineData(Many)]
    [InlineData(Few)]
    public async Task Keys_of_every_type_find_their_rows(int rows)
    {
        await using var database = await postgres.CreateDatabaseAsync();
        var version = EveryKeyVersion();
        await using var table = await VersionTable.CreateAsync(database, version);
        (await TableContract.FindErrorsAsync(table.Connection, [version], CancellationToken.None)).ShouldBeEmpty();
        using var fold = table.Open();
        await table.FoldAsync(fold, Events("filled", rows, row => row));
        await table.CommitAsync(fold);

        fold.Forget();
        await table.FoldAsync(fold, Events("looked", rows, row => row));
        await table.CommitAsync(fold);
        (await table.RowsAsync()).Count.ShouldBe(rows);
        (await database.ScalarAsync<long>("select sum(looked) from test_v1")).ShouldBe(rows);

        fold.Forget();
        await table.FoldAsync(fold, Events("dropped", rows - 1, row => row));
        await table.CommitAsync(fold);
        (await table.RowsAsync()).Count.ShouldBe(1);
    }

    [PostgresFact]
    public async Task Values_are_rounded_when_the_event_is_folded_so_that_it_does_not_matter_when_the_row_was_written()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        var seen = new List<EveryType>();
        var version = new Declared<int, EveryType>(
            on =>
            {
                on.Event<Filled>().By(e => e.Data.Row).Upserts((row, _) =>
                {
                    row.Money += 0.005m;
                    row.MaybeMoney = 5;
                    row.At = new DateTime(2024, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddTicks(19);
                    row.AtOffset = new DateTimeOffset(2024, 1, 1, 2, 0, 0, TimeSpan.FromHours(2)).AddTicks(19);
                    row.Span += TimeSpan.FromTicks(15);
                });
                on.Event<Looked>().By(e => e.Data.Row).Updates((row, _) => seen.Add(Copied(row)), WhenMissing.Fail);
            },
            types: Types) { TableSql = EveryType.TableSql };
        await using var table = await VersionTable.CreateAsync(database, version);
        using var fold = table.Open();

        await table.FoldAsync(fold, [.. Events("filled", 1, row => row), .. Events("filled", 1, row => row), .. Events("looked", 1, row => row)]);
        await table.CommitAsync(fold);
        fold.Forget();
        await table.FoldAsync(fold, Events("looked", 1, row => row));

        // Half away from zero, as PostgreSQL rounds: twice 0.01 and not once 0.01.
        seen[0].Money.ShouldBe(0.02m);
        seen[0].MaybeMoney!.Value.Scale.ShouldBe<byte>(2);
        seen[0].At.ShouldBe(new DateTime(2024, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddTicks(10));
        seen[0].AtOffset.ShouldBe(new DateTimeOffset(2024, 1, 1, 0, 0, 0, TimeSpan.Zero).AddTicks(10));
        seen[0].Span.ShouldBe(TimeSpan.FromTicks(20));
        EveryTypeSamples.Differences(seen[0], seen[1]).ShouldBeEmpty();
    }

    private async Task ComeBackAsync<TRow>(string tableSql, int rows, bool asUpdate)
        where TRow : EveryScalar, new()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        var seen = new Dictionary<int, TRow>();
        await using var table = await VersionTable.CreateAsync(database, Version(tableSql, seen));
        using var fold = table.Open();
        if (asUpdate)
        {
            await table.FoldAsync(fold, Events("filled", rows, row => row + 1));
            await table.CommitAsync(fold);
        }

        await table.FoldAsync(fold, Events("filled", rows, row => row));
        (await table.CommitAsync(fold)).ShouldBe(rows);
        fold.Forget();
        await table.FoldAsync(fold, Events("looked", rows, row => row));

        seen.Count.ShouldBe(rows);
        for (var row = 0; row < rows; row++)
        {
            EveryTypeSamples.Differences(EveryTypeSamples.Of<TRow>(row), seen[row]).ShouldBeEmpty($"row {row}");
        }
    }

    private async Task BeTheSameAsync<TRow>(string tableSql)
        where TRow : EveryScalar, new()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var table = await VersionTable.CreateAsync(database, Version<TRow>(tableSql, []));
        using var copied = table.Open();
        await table.FoldAsync(copied, Events("filled", Many, row => row));
        await table.CommitAsync(copied);
        var byCopy = await table.RowsAsync();
        byCopy.Count.ShouldBe(Many);

        foreach (var atOnce in (int[])[Few, 1])
        {
            await table.ExecuteAsync("truncate test_v1");
            using var small = table.Open();
            foreach (var batch in Events("filled", Many, row => row).Chunk(atOnce))
            {
                await table.FoldAsync(small, batch);
                await table.CommitAsync(small);
            }

            (await table.RowsAsync()).ShouldBe(byCopy);
        }
    }

    private static Declared<int, TRow> Version<TRow>(string tableSql, Dictionary<int, TRow> seen)
        where TRow : EveryScalar, new() => new(
        on =>
        {
            on.Event<Filled>().By(e => e.Data.Row).Upserts((row, e) => EveryTypeSamples.Copy(EveryTypeSamples.Of<TRow>(e.Data.Sample), row));
            on.Event<Looked>().By(e => e.Data.Row).Updates((row, e) => seen.Add(e.Data.Row, Copied(row)), WhenMissing.Fail);
        },
        types: Types) { TableSql = tableSql };

    private static Declared<EveryKey, KeyedRow> EveryKeyVersion() => new(
        on =>
        {
            on.Event<Filled>().By(e => EveryKey.Of(e.Data.Row)).Creates((_, _) => { });
            on.Event<Looked>().By(e => EveryKey.Of(e.Data.Row)).Updates((row, _) => row.Looked++, WhenMissing.Fail);
            on.Event<Dropped>().By(e => EveryKey.Of(e.Data.Row)).Deletes(WhenMissing.Fail);
        },
        types: Types)
    {
        TableSql =
            """
            create table test_v1 (
                small smallint, number int, large bigint, uuid uuid, text text, flag boolean, day date, at timestamptz, colour text,
                looked int not null,
                primary key (small, number, large, uuid, text, flag, day, at, colour)
            )
            """,
    };

    private static RecordedEvent[] Events(string type, int rows, Func<int, int> sample) =>
        [.. Enumerable.Range(0, rows).Select(row => Recorded.Event(row + 1, type, $$"""{"row":{{row}},"sample":{{sample(row)}}}"""))];

    private static TRow Copied<TRow>(TRow row)
        where TRow : EveryScalar, new()
    {
        var copy = new TRow { Id = row.Id };
        EveryTypeSamples.Copy(row, copy);
        return copy;
    }

    private sealed record Filled(int Row, int Sample);

    private sealed record Looked(int Row);

    private sealed record Dropped(int Row);

    private readonly record struct EveryKey(short Small, int Number, long Large, Guid Uuid, string Text, bool Flag, DateOnly Day, DateTime At, Colour Colour)
    {
        public static EveryKey Of(int row) => new(
            (short)-row,
            row / 2,
            long.MaxValue - row,
            new Guid(row, 0, 0, new byte[8]),
            $"'{row}' 🚂",
            row % 2 == 0,
            new DateOnly(1990, 1, 1).AddDays(row),
            new DateTime(1999, 12, 31, 0, 0, 0, DateTimeKind.Utc).AddMicroseconds(row),
            row % 3 == 0 ? Colour.Green : Colour.DeepBlue);
    }

    private sealed class KeyedRow
    {
        [Key]
        public short Small { get; set; }

        [Key]
        public int Number { get; set; }

        [Key]
        public long Large { get; set; }

        [Key]
        public Guid Uuid { get; set; }

        [Key]
        public string Text { get; set; } = "";

        [Key]
        public bool Flag { get; set; }

        [Key]
        public DateOnly Day { get; set; }

        [Key]
        public DateTime At { get; set; }

        [Key]
        public Colour Colour { get; set; }

        public int Looked { get; set; }
    }
}
