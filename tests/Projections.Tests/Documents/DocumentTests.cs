using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;
using System.Text.Json;
using System.Text.Json.Serialization;
using Projections.Definitions;
using Projections.Events;
using Projections.Tables;
using Projections.Testing;
using Projections.TestServers;
using Projections.Tests.Definitions;
using Projections.Tests.Events;
using Projections.Tests.Tables;

namespace Projections.Tests.Documents;

/// <summary>Members that are objects in a column of type jsonb. That they are folded as flat rows are is in FoldEqualityTests.</summary>
public sealed partial class DocumentTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private const int Many = RowWriter<int, OrderRow>.SmallWrite + 1;

    private static readonly EventTypes Types = EventTypes.Create(types => types.Map<OrderedLine>("ordered").Map<Paid>("paid"));

    [PostgresTheory]
    [InlineData(1, false)]
    [InlineData(1, true)]
    [InlineData(Many, false)]
    [InlineData(Many, true)]
    public async Task A_document_is_written_as_JSON_once_a_write_however_many_events_changed_it(int rows, bool asUpdate)
    {
        await using var database = await postgres.CreateDatabaseAsync();
        var counting = new CountingConverter();
        await using var table = await VersionTable.CreateAsync(database, Orders(new JsonSerializerOptions(DocumentJson.Default) { Converters = { counting } }));
        using var fold = table.Open();
        if (asUpdate)
        {
            await table.FoldAsync(fold, [.. Enumerable.Range(1, rows).Select(row => Ordered(row, row))]);
            await table.CommitAsync(fold);
        }

        await table.FoldAsync(fold, [.. Enumerable.Range(0, rows * 20).Select(i => Ordered(rows + 1 + i, (i % rows) + 1))]);
        // What a document takes in memory is estimated from one in some; that is not what is counted here.
        counting.Written = 0;
        await table.CommitAsync(fold);

        counting.Written.ShouldBe(rows);
        (await table.RowsAsync("jsonb_array_length(t.\"order\"->'lines')::text")).Distinct().ShouldBe([asUpdate ? "21" : "20"]);
    }

    [PostgresFact]
    public async Task A_member_of_a_derived_class_comes_back_as_what_it_was_although_jsonb_puts_the_name_of_the_class_last()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var table = await VersionTable.CreateAsync(database, Orders());
        using var fold = table.Open();

        await table.FoldAsync(fold, Ordered(1, 7), Recorded.Event(2, "paid", """{"id":7,"by":"card"}"""));
        await table.CommitAsync(fold);
        fold.Forget();
        await table.FoldAsync(fold, Recorded.Event(3, "paid", """{"id":7,"by":"card"}"""));
        await table.CommitAsync(fold);

        (await table.RowsAsync("(t.\"order\"->'payment')::text")).ShouldBe(["""{"no": "card", "$type": "card", "times": 2}"""]);
    }

    [PostgresFact]
    public async Task A_document_that_an_event_changed_and_could_not_be_written_then_is_as_it_was_before_when_the_event_is_set_aside()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var table = await VersionTable.CreateAsync(database, Orders(onPoison: PoisonPolicy.SetAside));
        using var fold = table.Open();

        await table.FoldAsync(fold, Ordered(1, 7), Ordered(2, 7, weight: "0"), Ordered(3, 7, product: "b"), Ordered(4, 7, product: "a\\u0000b"));

        fold.SetAside.Select(aside => aside.Position.Major).ShouldBe([2, 4]);
        fold.SetAside[0].Error.ShouldStartWith("a DocumentTests.Order cannot be written as JSON: .NET number values such as positive and negative infinity cannot be written");
        fold.SetAside[1].Error.ShouldBe("a text with a NUL character cannot be stored in PostgreSQL");
        await table.CommitAsync(fold);
        (await table.RowsAsync("(t.\"order\"->'lines')::text")).ShouldBe(["""[{"weight": 1, "product": "a"}, {"weight": 1, "product": "b"}]"""]);
    }

    [PostgresTheory]
    [InlineData(1)]
    [InlineData(Many)]
    public async Task A_document_that_cannot_be_written_is_named_by_its_row(int rows)
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var table = await VersionTable.CreateAsync(database, Orders());
        using var fold = table.Open();
        await table.FoldAsync(fold, [.. Enumerable.Range(1, rows + 1).Select(row => Ordered(row, row))]);

        await table.FoldAsync(fold, Ordered(rows + 2, 2, weight: "0"));

        (await Should.ThrowAsync<UnstorableValue>(table.CommitAsync(fold))).Message
            .ShouldStartWith("the row 2 cannot be written: order: a DocumentTests.Order cannot be written as JSON: .NET number values such as positive and negative infinity cannot be written as valid JSON.");
    }

    [PostgresFact]
    public async Task Source_generated_metadata_is_used_where_the_definition_gives_it()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var table = await VersionTable.CreateAsync(database, Orders(OrderJson.Default.Options));
        using var fold = table.Open();

        await table.FoldAsync(fold, Ordered(1, 7));
        await table.CommitAsync(fold);
        fold.Forget();
        await table.FoldAsync(fold, Ordered(2, 7));
        await table.CommitAsync(fold);

        (await table.RowsAsync("t.\"order\"::text")).ShouldBe(["""{"lines": [{"weight": 1, "product": "a"}, {"weight": 1, "product": "a"}]}"""]);
    }

    [Fact]
    public void A_class_that_the_given_metadata_does_not_know_is_named() =>
        ErrorsOf(Orders(EmptyJson.Default.Options)).Single().ShouldStartWith("test v1: DocumentTests.OrderRow.Order cannot be kept as JSON: JsonTypeInfo metadata for type 'Projections.Tests.Documents.DocumentTests+Order' was not provided");

    [Fact]
    public void What_the_JSON_of_a_document_would_lose_is_named()
    {
        const string Way = "which its JSON does not have or does not give back. Make it a property with a setter, or mark it [JsonInclude], or [JsonIgnore] if no event depends on it.";

        ErrorsOf(Version<Lossy>()).ShouldBe(
        [
            $"test v1: DocumentTests.Lossy.State: DocumentTests.State keeps the field _hidden, {Way}",
            "test v1: DocumentTests.Lossy.State: a member or item is of type object, which comes back as a JsonElement. Name its class.",
            "test v1: DocumentTests.Lossy.State: DocumentTests.Unmade cannot be made from its JSON. Give it a constructor without parameters, or mark the one that takes its members with [JsonConstructor].",
        ]);
    }

    [Fact]
    public void A_document_of_another_class_is_another_version()
    {
        var built = Manifest(Version<OrderRow>()).ToString();

        Manifest(Version<OrderRow>()).FindEdit(built).ShouldBeNull();
        Manifest(Version<OtherOrderRow>()).FindEdit(built).ShouldNotBeNull().ShouldStartWith("other declarations of its event types: ");
    }

    private static RecordedEvent Ordered(long position, int id, string product = "a", string weight = "1") =>
        Recorded.Event(position, "ordered", $$"""{"id":{{id}},"product":"{{product}}","weight":{{weight}}}""");

    private static OrdersV1 Orders(JsonSerializerOptions? documents = null, PoisonPolicy onPoison = PoisonPolicy.Stop) => new OrdersV1(documents ?? DocumentJson.Default, onPoison);

    private static Declared<int, TRow> Version<TRow>()
        where TRow : class, new() => new(on => on.Event<OrderedLine>().By(e => e.Data.Id).Upserts((_, _) => { }), types: Types);

    private static IEnumerable<string> ErrorsOf(ProjectionVersion version) => ProjectionRegistry.Of(version).Errors.Select(error => error.ToString());

    private static VersionManifest Manifest(ProjectionVersion version) => version.Manifest;

    internal sealed record OrderedLine(int Id, string Product, double Weight);

    internal sealed record Paid(int Id, string By);

    internal sealed class OrdersV1(JsonSerializerOptions documents, PoisonPolicy onPoison) : TableProjection<int, OrderRow>("test", 1, Types)
    {
        public override PoisonPolicy OnPoison => onPoison;

        public override VersionFiles Files => new("test/V1", "create table test_v1 (id int primary key, \"order\" jsonb not null, tags jsonb)", null, "drop table test_v1", "none");

        protected override JsonSerializerOptions Documents => documents;

        protected override void Define(FoldDefinition<int, OrderRow> on)
        {
            // An infinite weight has no JSON.
            on.Event<OrderedLine>().By(e => e.Data.Id).Upserts((row, e) => row.Order.Lines.Add(new Line(e.Data.Product, 1 / e.Data.Weight)));
            on.Event<Paid>().By(e => e.Data.Id).Updates((row, e) => row.Order.Payment = new CardPayment(e.Data.By, row.Order.Payment is CardPayment before ? before.Times + 1 : 1), WhenMissing.Fail);
        }
    }

    internal sealed class OrderRow
    {
        [Key]
        public int Id { get; set; }

        [Column(TypeName = "jsonb")]
        public Order Order { get; set; } = new();

        [Column(TypeName = "jsonb")]
        public Dictionary<string, string>? Tags { get; set; }
    }

    internal sealed class OtherOrderRow
    {
        [Key]
        public int Id { get; set; }

        [Column(TypeName = "jsonb")]
        public Line Order { get; set; } = new("", 0);
    }

    internal sealed class Order
    {
        public List<Line> Lines { get; init; } = [];

        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public Payment? Payment { get; set; }
    }

    internal sealed record Line(string Product, double Weight);

    [JsonDerivedType(typeof(CardPayment), "card")]
    internal abstract record Payment;

    internal sealed record CardPayment(string No, int Times) : Payment;

    [JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
    [JsonSerializable(typeof(Order))]
    [JsonSerializable(typeof(Dictionary<string, string>))]
    internal sealed partial class OrderJson : JsonSerializerContext;

    [JsonSerializable(typeof(Dictionary<string, string>))]
    internal sealed partial class EmptyJson : JsonSerializerContext;

    internal sealed class Lossy
    {
        [Key]
        public int Id { get; set; }

        [Column(TypeName = "jsonb")]
        public State State { get; set; } = new();
    }

    internal sealed class State
    {
        private int _hidden;

        [JsonIgnore]
        private readonly List<object> _notState = [];

        [JsonInclude]
        private int _shown = 1;

        public int Sum => _hidden + _shown + _notState.Count;

        public object? Anything { get; set; }

        public Unmade? Unmade { get; set; }

        public int Closed { get; private set; }

        public List<int> Listed { get; } = [];

        public void Change() => Closed = _hidden++ + _shown++;
    }

    internal sealed class Unmade
    {
        private Unmade(int value) => Value = value;

        public int Value { get; }

        public static Unmade Of(int value) => new(value);
    }

    private sealed class CountingConverter : JsonConverter<Order>
    {
        public int Written { get; set; }

        public override Order? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            JsonSerializer.Deserialize<Order>(ref reader, DocumentJson.Default);

        public override void Write(Utf8JsonWriter writer, Order value, JsonSerializerOptions options)
        {
            Written++;
            JsonSerializer.Serialize(writer, value, DocumentJson.Default);
        }
    }
}
