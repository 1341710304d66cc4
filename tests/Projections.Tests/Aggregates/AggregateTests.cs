using Projections.Aggregates;
using Projections.Definitions;
using Projections.Events;
using Projections.Testing;
using Projections.TestServers;
using Projections.Tests.Events;
using Projections.Tests.Tables;

namespace Projections.Tests.Aggregates;

public sealed class AggregateTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private static readonly Guid One = new("00000000-0000-0000-0000-000000000001");
    private static readonly Guid Two = new("00000000-0000-0000-0000-000000000002");

    [PostgresTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_class_that_its_events_change_is_kept_as_a_document(bool forgetsBetween)
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var table = await VersionTable.CreateAsync(database, new Version<MutableOrder>());

        await FoldAsync(
            table,
            forgetsBetween,
            Event(1, One, "placed", """{"customer":"ada","total":10}"""),
            Event(2, One, "paid", """{"amount":4}"""),
            Event(3, One, "commented", """{"text":"quick"}"""),
            Event(4, One, "complained", """{"text":"slow"}"""),
            Event(5, One, "shipped", """{"carrier":"dhl"}""", """{"by":"bob"}"""));

        (await table.RowsAsync()).ShouldBe(
        [
            """(00000000-0000-0000-0000-000000000001,"{""id"": ""00000000-0000-0000-0000-000000000001"", ""open"": 6, ""notes"": [""quick"", ""!slow"", ""dhl bob 5""], ""total"": 10, ""version"": 5, ""customer"": ""ada"", ""payments"": [4], ""shippedAt"": ""2024-05-01T12:00:05+00:00""}",5,"2024-05-01 12:00:05+00")""",
        ]);
    }

    [PostgresTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_record_that_each_event_replaces_is_kept_as_a_document(bool forgetsBetween)
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var table = await VersionTable.CreateAsync(database, new Version<ImmutableOrder>());

        await FoldAsync(
            table,
            forgetsBetween,
            Event(1, One, "placed", """{"customer":"ada","total":10}"""),
            Event(2, One, "paid", """{"amount":4}"""),
            Event(3, One, "commented", """{"text":"nobody takes it"}"""),
            Event(4, One, "shipped", """{"carrier":"dhl"}"""));

        (await table.RowsAsync("t.data::text || t.version")).ShouldBe(
            ["""{"at": 4, "id": "00000000-0000-0000-0000-000000000001", "paid": 4, "total": 10, "customer": "ada by dhl"}4"""]);
    }

    [PostgresFact]
    public async Task An_aggregate_that_should_be_deleted_is_and_a_later_event_may_make_it_again()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var table = await VersionTable.CreateAsync(database, new Version<ImmutableOrder>());

        await FoldAsync(table, forgetsBetween: true, Event(1, One, "placed", """{"customer":"ada","total":10}"""), Event(2, Two, "placed", """{"customer":"bob","total":20}"""), Event(3, Two, "paid", """{"amount":1}"""));
        await FoldAsync(table, forgetsBetween: true, Event(4, One, "cancelled", """{"forGood":false}"""), Event(5, Two, "cancelled", """{"forGood":false}"""));
        (await table.RowsAsync("t.data->>'customer' || t.version")).ShouldBe(["bob5"]);

        await FoldAsync(table, forgetsBetween: true, Event(6, One, "paid", """{"amount":1}"""), Event(7, One, "placed", """{"customer":"eve","total":1}"""));
        (await table.RowsAsync("t.data->>'customer' || t.version")).ShouldBe(["bob5", "eve7"]);
    }

    [PostgresFact]
    public async Task An_event_that_only_changes_makes_an_aggregate_where_that_can_be_made_without_one()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var table = await VersionTable.CreateAsync(database, new Version<MutableOrder>());

        await FoldAsync(table, forgetsBetween: false, Event(1, One, "paid", """{"amount":4}"""));

        (await table.RowsAsync("t.data->>'id' || (t.data->'payments')::text")).ShouldBe([$"{One}[4]"]);
    }

    [PostgresFact]
    public async Task Each_tenant_has_aggregates_of_its_own()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var table = await VersionTable.CreateAsync(database, new OfTenants());

        await FoldAsync(table, forgetsBetween: true, Event(1, One, "placed", """{"customer":"ada","total":1}""", tenant: "a"), Event(2, One, "placed", """{"customer":"bob","total":2}""", tenant: "b"), Event(3, One, "paid", """{"amount":1}""", tenant: "b"));

        (await table.RowsAsync("concat_ws(' ', tenant, key, data->>'id', data->>'customer', data->>'paid')")).ShouldBe([$"a {One} {One} ada 0", $"b {One} {One} bob 1"]);
    }

    [PostgresFact]
    public async Task Aggregates_may_be_found_by_something_else_than_the_stream()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var table = await VersionTable.CreateAsync(database, new ByCustomer());

        await FoldAsync(table, forgetsBetween: true, Event(1, One, "placed", """{"customer":"ada","total":1}"""), Event(2, Two, "placed", """{"customer":"ada","total":2}"""));

        (await table.RowsAsync("concat_ws(' ', key, data->>'id', data->>'orders', data->>'total', version)")).ShouldBe(["ada ada 2 3 2"]);
    }

    [Fact]
    public void What_a_class_wants_of_an_event_in_vain_is_named() =>
        ErrorsOf<Wrong>().ShouldBe(
        [
            "test v1: AggregateTests.Wrong.Create(Placed) makes the aggregate, but is not static. Make it static.",
            "test v1: AggregateTests.Wrong.Apply(Cancelled) returns int. Change the aggregate and return nothing, or return another AggregateTests.Wrong.",
            "test v1: AggregateTests.Wrong.Apply(Paid) is static, but takes no AggregateTests.Wrong to apply the event to. Add the parameter.",
            "test v1: AggregateTests.Wrong.Apply(Placed, IServiceProvider) asks for IServiceProvider beside the event. A fold is pure: it has the event, what was stored with it, and the aggregate.",
            "test v1: AggregateTests.Wrong.Apply(Shipped) is asynchronous. A fold is pure: it has nothing to wait for.",
            "test v1: AggregateTests.Wrong.Apply(Commented) and AggregateTests.Wrong.Apply(Commented, AggregateTests.Wrong) both take a Commented, so that nobody can tell which is meant. Leave one of them, or add one for Commented alone.",
            "test v1: AggregateTests.Wrong.ShouldDelete(Paid) returns AggregateTests.Wrong. Return a bool.",
        ]);

    [Fact]
    public void An_event_that_two_interfaces_take_is_named() =>
        ErrorsOf<Torn>().ShouldContain("test v1: AggregateTests.Torn.Apply(INote) and AggregateTests.Torn.Apply(IOrderEvent) both take a Commented, so that nobody can tell which is meant. Leave one of them, or add one for Commented alone.");

    [Fact]
    public void An_event_type_that_is_not_mapped_is_named() =>
        ErrorsOf<Stray>().ShouldBe(["test v1: AggregateTests.Unheard is handled, but no name in the store is mapped to it. Add Map<AggregateTests.Unheard>(\"...\") to the event types, or AddEventType<AggregateTests.Unheard>() to the Marten store that they are taken from."]);

    [Fact]
    public void A_class_without_such_methods_is_named() =>
        ErrorsOf<Silent>().ShouldBe(["test v1: AggregateTests.Silent has no method Create, Apply or ShouldDelete that takes an event of the event types."]);

    [Fact]
    public void A_class_whose_state_its_JSON_would_lose_is_named() =>
        ErrorsOf<Forgetful>().Single().ShouldStartWith("test v1: AggregateRow<Guid, AggregateTests.Forgetful>.Data: AggregateTests.Forgetful keeps the field _count, which its JSON does not have");

    private static IEnumerable<string> ErrorsOf<TAggregate>()
        where TAggregate : class => ProjectionRegistry.Of(new Version<TAggregate>()).Errors.Select(error => error.ToString());

    private static async Task FoldAsync(VersionTable table, bool forgetsBetween, params RecordedEvent[] events)
    {
        using var fold = table.Open(tableIsEmpty: false);
        foreach (var e in events)
        {
            await table.FoldAsync(fold, e);
            if (forgetsBetween)
            {
                await table.CommitAsync(fold);
                fold.Forget();
            }
        }

        await table.CommitAsync(fold);
    }

    private static RecordedEvent Event(long position, Guid stream, string type, string json, string? metadata = null, string? tenant = null) =>
        Recorded.Event(position, type, json, new StreamId(stream), metadata, tenant);

    private sealed class Version<TAggregate>() : AggregateProjection<TAggregate>("test", 1, OrderEvents.Types)
        where TAggregate : class
    {
        public override VersionFiles Files => FilesOf("key uuid primary key");
    }

    private sealed class OfTenants() : TenantAggregateProjection<Guid, ImmutableOrder>("test", 1, OrderEvents.Types)
    {
        public override VersionFiles Files => FilesOf("tenant text, key uuid, primary key (tenant, key)");
    }

    private sealed class ByCustomer() : AggregateProjection<string, CustomerOrders>("test", 1, OrderEvents.Types)
    {
        public override VersionFiles Files => FilesOf("key text primary key");

        protected override void DefineKeys(AggregateKeys<string> keys) => keys.Of<Placed>(e => e.Data.Customer);
    }

    private static VersionFiles FilesOf(string key) => new(
        "test/V1", $"create table test_v1 ({key}, data jsonb not null, version bigint not null, updated_at timestamptz not null)", null, "drop table test_v1", "none");

    internal sealed record CustomerOrders(string Id, int Orders, decimal Total)
    {
        public static CustomerOrders Create(Placed e) => new("", 1, e.Total);

        public CustomerOrders Apply(Placed e) => this with { Orders = Orders + 1, Total = Total + e.Total };
    }

    internal sealed record Unheard;

    internal sealed class Wrong
    {
        public int Count { get; set; }

        public Wrong Create(Placed e) => this;

        public static void Apply(Paid e)
        {
        }

        public Task Apply(Shipped e) => Task.FromResult(e);

        public void Apply(Placed e, IServiceProvider services) => Count++;

        public int Apply(Cancelled e) => Count;

        public void Apply(Commented e) => Count++;

        public static void Apply(Commented e, Wrong wrong) => wrong.Count++;

        public Wrong ShouldDelete(Paid e) => this;

        // None of ours: a command that is answered with an event.
        public static Placed Create(Unheard command) => new("", 0);

        public void Apply(int times) => Count += times;
    }

    internal sealed class Torn
    {
        public int Count { get; set; }

        public void Apply(INote e) => Count++;

        public void Apply(IOrderEvent e) => Count++;
    }

    internal sealed class Stray
    {
        public int Count { get; set; }

        public void Apply(Unheard e) => Count++;
    }

    internal sealed class Silent
    {
        public int Count { get; set; }

        public void When(Placed e) => Count++;
    }

    internal sealed class Forgetful
    {
        private int _count;

        public int Count => _count;

        public void Apply(Placed e) => _count++;
    }
}
