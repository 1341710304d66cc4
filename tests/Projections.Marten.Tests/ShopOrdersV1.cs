using System.ComponentModel.DataAnnotations;
using Projections.Definitions;
using Projections.Events;
using Projections.Tables;

namespace Projections.Marten;

/// <summary>A version that names no event: its types come from the store's options.</summary>
public sealed class ShopOrdersV1(EventTypes types) : TableProjection<ShopOrdersV1.Key, ShopOrdersV1.Row>("shop_orders", 1, types)
{
    public override VersionFiles Files => new(
        "test/V1",
        """
        create table shop_orders_v1 (
            tenant     text not null,
            order_name text not null,
            customer   text not null,
            net        numeric not null,
            paid       numeric not null,
            sold_by    text not null,
            shipped_to text,
            primary key (tenant, order_name)
        );
        """,
        null,
        "drop table shop_orders_v1;",
        "none");

    protected override void Define(FoldDefinition<Key, Row> on)
    {
        on.Event<OrderPlaced>().ByTenantAndStream().Creates((row, e) => (row.Customer, row.Net, row.SoldBy) = (e.Data.CustomerName, e.Data.NetTotal, e.Data.SoldBy.ToString()));
        on.Event<OrderPaid>().ByTenantAndStream().Updates((row, e) => row.Paid += e.Data.PaidAmount, WhenMissing.Fail);
        on.Event<OrderShipped>().ByTenantAndStream().Updates((row, e) => row.ShippedTo = e.Data.ShippedTo, WhenMissing.Fail);
    }

    public readonly record struct Key(string Tenant, string OrderName);

    public sealed class Row
    {
        [Key] public string Tenant { get; set; } = "";

        [Key] public string OrderName { get; set; } = "";

        public string Customer { get; set; } = "";

        public decimal Net { get; set; }

        public decimal Paid { get; set; }

        public string SoldBy { get; set; } = "";

        public string? ShippedTo { get; set; }
    }
}
