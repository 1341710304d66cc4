using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;
using Projections.Aggregates;
using Projections.Definitions;
using Projections.Tables;
using Projections.TestServers;

namespace Projections.Testing.Tests;

/// <summary>Rows that are documents, and aggregates as they are in an application.</summary>
public sealed class DocumentTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private static readonly Guid Order = new("0198a1f0-0000-7000-8000-000000000001");

    [PostgresFact]
    public async Task An_aggregate_has_a_spec_as_rows_have()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        var spec = ProjectionSpec.For(new OrderV1()).Given(Order, new OrderPlaced("c1", [new("bolt", 2), new("nut", 4)]), new OrderShipped());

        spec.Then(Order, row => (row.Data.Customer, row.Data.Products.Count, row.Data.IsShipped, row.Version).ShouldBe(("c1", 2, true, 2))).ThenNothingElse();
        spec.InPostgres(database.ConnectionString).Then(Order, row => row.Data.Products.ShouldBe(["bolt", "nut"])).ThenNothingElse();
    }

    [Fact]
    public void An_aggregate_that_keeps_something_beside_its_document_is_found() =>
        Should.Throw<ProjectionSpecFailed>(() => ProjectionSpec.For(new CountingV1())
            .Given(Order, new OrderPlaced("c1", []), new OrderShipped())
            .ThenRows(_ => { })).Message.ShouldStartWith($"counting v1: the row {Order} depends on more than its events: it comes out otherwise when rows go out of memory and are loaded again.");

    [Fact]
    public void A_document_that_two_rows_share_is_found() =>
        Should.Throw<ProjectionSpecFailed>(() => ProjectionSpec.For(new SharingV1())
            .Given(Order, new OrderPlaced("c1", [new("bolt", 1), new("nut", 2)]))
            .Given(Order, new OrderPlaced("c1", [new("nut", 5)]))
            .ThenRows(_ => { })).Message.ShouldContain("depends on more than its events");

    private sealed class OrderFiles
    {
        public static VersionFiles Of(string table) => new("test", $"create table {table} (key uuid primary key, data jsonb not null, version bigint not null, updated_at timestamptz not null)", null, $"drop table {table}", "none");
    }

    public sealed class OrderV1() : AggregateProjection<PlacedOrder>("orders", 1, Shop.Types)
    {
        public override VersionFiles Files => OrderFiles.Of("orders_v1");
    }

    public sealed class CountingV1() : AggregateProjection<CountingOrder>("counting", 1, Shop.Types);

    public sealed class PlacedOrder
    {
        public string Customer { get; private set; } = "";

        public List<string> Products { get; private set; } = [];

        public bool IsShipped { get; private set; }

        public void Apply(OrderPlaced e)
        {
            Customer = e.Customer;
            Products.AddRange(e.Lines.Select(line => line.Product));
        }

        public void Apply(OrderShipped _) => IsShipped = true;
    }

    public sealed class CountingOrder
    {
        [System.Text.Json.Serialization.JsonIgnore]
        public int Seen { get; private set; }

        public int Events { get; private set; }

        public void Apply(OrderPlaced _) => Events = ++Seen;

        public void Apply(OrderShipped _) => Events = ++Seen;
    }

    public sealed class SharingV1() : TableProjection<string, SharingV1.Row>("sharing", 1, Shop.Types)
    {
        private readonly Basket _basket = new();

        protected override void Define(FoldDefinition<string, Row> on) =>
            on.Event<OrderPlaced>().ByEach(e => e.Data.Lines, (_, line) => line.Product).Upserts((row, _, line) =>
            {
                row.Basket = _basket;
                row.Basket.Quantity += line.Quantity;
            });

        public sealed class Row
        {
            [Key]
            public string Product { get; set; } = "";

            [Column(TypeName = "jsonb")]
            public Basket Basket { get; set; } = new();
        }

        public sealed class Basket
        {
            public int Quantity { get; set; }
        }
    }
}
