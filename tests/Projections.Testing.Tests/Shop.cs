using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;
using System.Text.Json.Serialization;
using Projections.Definitions;
using Projections.Events;
using Projections.SqlProjections;
using Projections.Tables;

namespace Projections.Testing.Tests;

public sealed record OrderPlaced(string Customer, OrderLine[] Lines);

public sealed record OrderLine(string Product, int Quantity);

public sealed record OrderPlacedV1(string Customer, string Product);

public sealed record OrderCancelled(string[] Products);

public sealed record OrderShipped;

public sealed record NobodyKnowsThis;

internal static class Shop
{
    public static readonly EventTypes Types = EventTypes.Create(types => types
        .Map<OrderPlaced>("order_placed")
        .Upcast<OrderPlacedV1, OrderPlaced>("order_placed_v1", old => new(old.Customer, [new OrderLine(old.Product, 1)]))
        .Map<OrderCancelled>("order_cancelled")
        .Map<OrderShipped>("order_shipped"));
}

/// <summary>What is to be sent: rows by tenant and product, from many streams.</summary>
public readonly record struct DemandKey(string Tenant, string Product);

public sealed class DemandV1() : TableProjection<DemandKey, DemandV1.Row>("demand", 1, Shop.Types)
{
    public override PoisonPolicy OnPoison => PoisonPolicy.SetAside;

    public override VersionFiles Files => new(
        "test/Demand/V1",
        "create table demand_v1 (tenant text, product text, quantity int not null, price numeric(12,2) not null, last_user text, asked_at timestamptz not null, primary key (tenant, product))",
        "create index on demand_v1 (asked_at)",
        "drop table demand_v1",
        "none");

    protected override void Define(FoldDefinition<DemandKey, Row> on)
    {
        on.Event<OrderPlaced>().ByEach(e => e.Data.Lines, (e, line) => new DemandKey(e.Tenant!, line.Product)).Upserts((row, e, line) =>
        {
            row.Quantity += line.Quantity;
            row.Price += line.Quantity / 3m;
            row.LastUser = e.Metadata("user");
            row.AskedAt = e.Time;
        });
        on.Event<OrderCancelled>().ByEach(e => e.Data.Products, (e, product) => new DemandKey(e.Tenant!, product)).Deletes(WhenMissing.Fail);
    }

    public sealed class Row
    {
        [Key]
        public string Tenant { get; set; } = "";

        [Key]
        public string Product { get; set; } = "";

        public int Quantity { get; set; }

        [Column(TypeName = "numeric(12,2)")]
        public decimal Price { get; set; }

        public string? LastUser { get; set; }

        public DateTime AskedAt { get; set; }
    }
}

/// <summary>A version that stops at what it cannot fold, and says nothing of shipping.</summary>
public class OrdersV1() : TableProjection<string, OrdersV1.Row>("orders", 1, Shop.Types)
{
    public override VersionFiles Files => new(
        "test/Orders/V1", "create table orders_v1 (id text primary key, customer varchar(5) not null)", null, "drop table orders_v1", "none");

    protected override void Define(FoldDefinition<string, Row> on)
    {
        on.Event<OrderPlaced>().ByStream().Creates((row, e) => row.Customer = e.Data.Customer);
        on.Event<OrderCancelled>().ByStream().Deletes(WhenMissing.Fail);
    }

    public sealed class Row
    {
        [Key]
        public string Id { get; set; } = "";

        [Column(TypeName = "varchar(5)")]
        public string Customer { get; set; } = "";
    }
}

/// <summary>The same, with a table that lacks a column.</summary>
public sealed class OrdersWithAnotherTable : OrdersV1
{
    public override VersionFiles Files => base.Files with { TableSql = "create table orders_v1 (id text primary key)" };
}

/// <summary>A version whose handler changes the key of a row that is there.</summary>
public sealed class RenamingV1() : TableProjection<string, OrdersV1.Row>("renaming", 1, Shop.Types)
{
    protected override void Define(FoldDefinition<string, OrdersV1.Row> on) => on.Event<OrderPlaced>().ByStream().Upserts((row, e) =>
    {
        row.Id = row.Customer.Length > 0 ? e.Data.Customer : row.Id;
        row.Customer = e.Data.Customer;
    });
}

/// <summary>A version that says nothing of what it does.</summary>
public sealed class UnsoundV1() : TableProjection<string, OrdersV1.Row>("unsound", 1, Shop.Types)
{
    protected override void Define(FoldDefinition<string, OrdersV1.Row> on) => on.Event<OrderPlaced>();
}

[JsonDerivedType(typeof(CardPaid), "card")]
[JsonDerivedType(typeof(CashPaid), "cash")]
public abstract record Paid;

public sealed record CardPaid(int Amount) : Paid;

public sealed record CashPaid(int Amount) : Paid;

/// <summary>A version of events that are told apart in their JSON.</summary>
public sealed class PaymentsV1() : TableProjection<string, PaymentsV1.Row>("payments", 1, Events)
{
    private static readonly EventTypes Events = Projections.Events.EventTypes.Create(types => types.Map<Paid>("paid"));

    protected override void Define(FoldDefinition<string, Row> on) => on.Event<Paid>().ByStream().Upserts((row, e) => row.Paid += e.Data switch
    {
        CardPaid card => card.Amount,
        CashPaid cash => cash.Amount,
        _ => 0,
    });

    public sealed class Row
    {
        [Key]
        public string Id { get; set; } = "";

        public int Paid { get; set; }
    }
}

/// <summary>A version made of statements.</summary>
public sealed class BestSellersV1() : SqlProjection("best_sellers", 1, Shop.Types)
{
    public override VersionFiles Files => new(
        "test/BestSellers/V1",
        "create table best_sellers_v1 (sold bigint not null check (sold < 100), product text primary key)",
        null,
        "drop table best_sellers_v1",
        "none");

    protected override void Define(SqlDefinition on) => on.Event<OrderPlaced>().Executes(
        """
        insert into best_sellers_v1 (product, sold) values (@product, @sold)
        on conflict (product) do update set sold = best_sellers_v1.sold + excluded.sold
        """,
        e => [("product", e.Data.Lines[0].Product), ("sold", e.Data.Lines[0].Quantity)]);
}

/// <summary>As <see cref="OrdersV1"/>, where orders whose beginning is gone are left out.</summary>
public sealed class OrdersThatAreWhole : OrdersV1
{
    public override StreamsWithoutBeginning WithoutBeginning => StreamsWithoutBeginning.Skip;
}
