using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;
using System.Text.Json;
using System.Text.Json.Serialization;
using Projections.Aggregates;
using Projections.Definitions;
using Projections.Events;
using Projections.Tables;

namespace Projections.Tests.Examples;

// What stands in docs/projections.md, compiled. DocumentationTests compares the two.
public interface IShopEvent;

public sealed record OrderPlaced(string Customer, decimal Total) : IShopEvent;

public sealed record LineAdded(string Product, int Quantity, decimal Price) : IShopEvent;

public sealed record LineAddedV1(string Product, decimal Price) : IShopEvent;

public sealed record OrderPaid(decimal Amount) : IShopEvent;

public sealed record OrderCancelled(string Reason) : IShopEvent;

public static class ShopEvents
{
    public static EventTypes Types { get; } = EventTypes.Create(types => types
        .Using(ShopJson.Default)
        .Map<OrderPlaced>("order_placed")
        .Map<OrderPlaced>("order_created")
        .Map<LineAdded>("line_added")
        .Map<OrderPaid>("order_paid")
        .Map<OrderCancelled>("order_cancelled")
        .Upcast<LineAddedV1, LineAdded>("line_added_v1", old => new LineAdded(old.Product, 1, old.Price)));

    public static EventTypes FromAssembly { get; } = EventTypes.Create(types => types
        .MapAll<IShopEvent>(EventNames.Marten)
        .Upcast<LineAddedV1, LineAdded>("line_added_v1", old => new LineAdded(old.Product, 1, old.Price)));
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(OrderPlaced))]
[JsonSerializable(typeof(LineAdded))]
[JsonSerializable(typeof(LineAddedV1))]
[JsonSerializable(typeof(OrderPaid))]
[JsonSerializable(typeof(OrderCancelled))]
[JsonSerializable(typeof(Address))]
public sealed partial class ShopJson : JsonSerializerContext;

public sealed class OrdersV1() : TableProjection<Guid, OrdersV1.Row>("orders", 1, ShopEvents.Types)
{
    public override PoisonPolicy OnPoison => PoisonPolicy.SetAside;

    public override string? StreamCategory => "order";

    protected override void Define(FoldDefinition<Guid, Row> on)
    {
        on.Event<OrderPlaced>().ByStream().Creates((row, e) => (row.Customer, row.Total, row.PlacedAt) = (e.Data.Customer, e.Data.Total, e.Time));
        on.Event<OrderPaid>().ByStream().Updates((row, e) => row.Paid += e.Data.Amount, WhenMissing.Fail).DeletesWhen(row => row.Paid >= row.Total);
        on.Event<OrderCancelled>().ByStream().Deletes(WhenMissing.Skip);
    }

    public sealed class Row
    {
        [Key]
        public Guid OrderId { get; set; }

        public string Customer { get; set; } = "";

        [Column(TypeName = "numeric(12,2)")]
        public decimal Total { get; set; }

        public decimal Paid { get; set; }

        public DateTime PlacedAt { get; set; }
    }
}

public sealed class TenantOrdersV1() : TableProjection<TenantOrdersV1.Key, TenantOrdersV1.Row>("tenant_orders", 1, ShopEvents.Types)
{
    protected override void Define(FoldDefinition<Key, Row> on) =>
        on.Event<OrderPlaced>().ByTenantAndStream().Creates((row, e) => row.Total = e.Data.Total);

    public readonly record struct Key(string Tenant, Guid Order);

    public sealed class Row
    {
        [Key]
        public string Tenant { get; set; } = "";

        [Key]
        public Guid Order { get; set; }

        public decimal Total { get; set; }
    }
}

public sealed class CustomersV1() : TableProjection<string, CustomersV1.Row>("customers", 1, ShopEvents.Types)
{
    protected override JsonSerializerOptions Documents => ShopJson.Default.Options;

    protected override void Define(FoldDefinition<string, Row> on) =>
        on.Event<OrderPlaced>().By(e => e.Data.Customer).Upserts((row, e) =>
        {
            row.Address ??= new Address();
            row.Address.Lines.Add(e.Metadata("address") ?? "");
        });

    public sealed class Row
    {
        [Key]
        public string Customer { get; set; } = "";

        [Column(TypeName = "jsonb")]
        public Address? Address { get; set; }
    }
}

public sealed class Address
{
    public List<string> Lines { get; set; } = [];
}

public sealed class OrderDocumentsV1() : AggregateProjection<Order>("order_documents", 1, ShopEvents.Types);

public sealed class Order
{
    public Guid Id { get; set; }

    public int Version { get; set; }

    public decimal Total { get; set; }

    public List<string> Products { get; set; } = [];

    public static Order Create(OrderPlaced e) => new() { Total = e.Total };

    public void Apply(LineAdded e) => Products.Add(e.Product);

    public bool ShouldDelete(OrderCancelled e) => Products.Count == 0;
}

public sealed record Spending(string Id, decimal Total, DateTime Last)
{
    public static Spending Create(Event<OrderPlaced> e) => new(e.Data.Customer, e.Data.Total, e.Time);

    public Spending Apply(Event<OrderPlaced> e) => this with { Total = Total + e.Data.Total, Last = e.Time };
}

public sealed class SpendingV1() : AggregateProjection<string, Spending>("spending", 1, ShopEvents.Types)
{
    protected override void DefineKeys(AggregateKeys<string> keys) => keys.Of<OrderPlaced>(e => e.Data.Customer);
}
