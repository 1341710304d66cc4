using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;
using Projections.Definitions;
using Projections.Events;
using Projections.Tables;
using Projections.Testing;
using Projections.TestServers;
using Projections.Tests.Definitions;
using Projections.Tests.Events;

namespace Projections.Tests.Tables;

/// <summary>What the table would refuse is found when the event is folded, so that the event is named and not only the write fails.</summary>
public sealed class UnstorableValueTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private static readonly EventTypes Types = EventTypes.Create(types => types.Map<Given>("given"));

    public static TheoryData<string, string> Refused => new()
    {
        { """{"money":1000000000}""", "money: 1000000000 does not fit numeric(10,2)" },
        { """{"money":99999999.995}""", "money: 99999999.995 does not fit numeric(10,2)" },
        { """{"code":"123456"}""", "code: a text of 6 characters does not fit character varying(5)" },
        { """{"colour":5}""", "colour: 5 is no member of Colour" },
        { """{"local":true}""", "at: a time must be in UTC, but 2024-01-01T00:00:00.0000000 is of kind Unspecified; use DateTimeOffset, or say what it is by DateTime.SpecifyKind" },
        { """{"noText":true}""", "text is null, and the row type does not allow that" },
        { """{"nullInArray":true}""", "texts: an array holds null" },
        { """{"text":"a\u0000b"}""", "a text with a NUL character cannot be stored in PostgreSQL" },
        { """{"document":"hm"}""", "document: a text that is no JSON cannot be kept in a column of type jsonb: 'h' is an invalid start of a value. LineNumber: 0 | BytePositionInLine: 0." },
        { """{"document":"{\"a\":\"\\u0000\"}"}""", "document: a text with a NUL character cannot be stored in PostgreSQL" },
    };

    [PostgresTheory]
    [MemberData(nameof(Refused))]
    public async Task A_value_that_its_column_cannot_hold_is_poison(string json, string error)
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var table = await VersionTable.CreateAsync(database, Version(PoisonPolicy.Stop));
        using var fold = table.Open();

        var poison = await Should.ThrowAsync<PoisonEvent>(table.FoldAsync(fold, Recorded.Event(1, "given", """{"id":1}"""), Recorded.Event(2, "given", json)));

        poison.Position.ShouldBe(new EventPosition(2));
        poison.Stage.ShouldBe(PoisonStage.Fold);
        poison.Error.ShouldBe(error);
    }

    [PostgresTheory]
    [MemberData(nameof(Refused))]
    public async Task Rows_that_were_to_get_such_a_value_stay_writable_when_it_is_set_aside(string json, string error)
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var table = await VersionTable.CreateAsync(database, Version(PoisonPolicy.SetAside));
        using var fold = table.Open();

        await table.FoldAsync(fold, Recorded.Event(1, "given", """{"text":"good","money":1.5}"""), Recorded.Event(2, "given", json), Recorded.Event(3, "given", """{"id":1,"text":"new"}"""));

        fold.SetAside.Select(e => (e.Position.Major, e.Error)).ShouldBe([(2, error)]);
        await table.CommitAsync(fold);
        (await table.RowsAsync()).ShouldBe(["(0,1.50,x,Red,\"2024-01-01 00:00:00+00\",good,{},{})", "(1,0.00,x,Red,\"2024-01-01 00:00:00+00\",new,{},{})"]);
    }

    [PostgresTheory]
    [InlineData(1)]
    [InlineData(200)]
    public async Task A_cut_surrogate_pair_is_replaced_whichever_way_the_row_is_written(int rows)
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var table = await VersionTable.CreateAsync(database, Version(PoisonPolicy.Stop));
        using var fold = table.Open();

        await table.FoldAsync(fold, [.. Enumerable.Range(1, rows).Select(i => Recorded.Event(i, "given", $$"""{"id":{{i}},"text":"ab🚂","cut":3}"""))]);
        await table.CommitAsync(fold);

        (await database.ScalarAsync<long>("select count(*) from test_v1 where text = 'ab' || chr(65533)")).ShouldBe(rows);
    }

    private static Declared<int, Row> Version(PoisonPolicy onPoison) => new(
        on => on.Event<Given>().By(e => e.Data.Id).Upserts((row, e) =>
        {
            row.Money = e.Data.Money;
            row.Code = e.Data.Code;
            row.Colour = (Colour)e.Data.Colour;
            row.At = new DateTime(2024, 1, 1, 0, 0, 0, e.Data.Local ? DateTimeKind.Unspecified : DateTimeKind.Utc);
            row.Text = e.Data.NoText ? null! : e.Data.Text[..Math.Min(e.Data.Cut, e.Data.Text.Length)];
            row.Texts = e.Data.NullInArray ? ["a", null!] : [];
            row.Document = e.Data.Document;
        }),
        onPoison: onPoison,
        types: Types)
    {
        TableSql =
            """
            create table test_v1 (
                id int primary key, money numeric(10,2) not null, code varchar(5) not null, colour text not null, at timestamptz not null,
                text text not null, texts text[] not null, document jsonb not null
            )
            """,
    };

    private sealed record Given(
        int Id = 0,
        decimal Money = 0,
        string Code = "x",
        int Colour = 0,
        bool Local = false,
        bool NoText = false,
        bool NullInArray = false,
        string Text = "x",
        string Document = "{}",
        int Cut = 10);

    private sealed class Row
    {
        [Key]
        public int Id { get; set; }

        [Column(TypeName = "numeric(10,2)")]
        public decimal Money { get; set; }

        [Column(TypeName = "varchar(5)")]
        public string Code { get; set; } = "";

        public Colour Colour { get; set; }

        public DateTime At { get; set; }

        public string Text { get; set; } = "";

        public string[] Texts { get; set; } = [];

        [Column(TypeName = "jsonb")]
        public string Document { get; set; } = "{}";
    }
}
