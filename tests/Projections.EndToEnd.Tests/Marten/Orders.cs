using System.ComponentModel.DataAnnotations;
using Projections.Definitions;
using Projections.Events;
using Projections.Tables;

namespace Projections.EndToEnd.Marten;

/// <summary>A row an order, made by its first event and changed by the others: whatever is missing of a stream stops it.</summary>
internal sealed class Orders(int number, EventTypes? types = null) : TableProjection<Guid, Orders.Row>("orders", number, types ?? OrderEvents.Types)
{
    public static readonly ProjectionName Name = new("orders");

    /// <summary>See <see cref="ProjectionVersion.StreamsAreUniqueOverTenants"/>.</summary>
    public bool AreUnique { get; init; }

    public override bool StreamsAreUniqueOverTenants => AreUnique;

    /// <summary>See <see cref="ProjectionVersion.Archived"/>.</summary>
    public ArchivedStreams OfArchived { get; init; }

    public override ArchivedStreams Archived => OfArchived;

    public override VersionFiles Files { get; } = new(
        $"projections/Orders/V{number}",
        $"create table orders_v{number} (id uuid primary key, total bigint not null, paid bigint not null)",
        null,
        $"drop table orders_v{number}",
        new string((char)('0' + number), 64));

    protected override void Define(FoldDefinition<Guid, Row> on)
    {
        on.Event<Placed>().ByStream().Creates((row, e) => row.Total = e.Data.Total);
        on.Event<Paid>().ByStream().Updates((row, e) => row.Paid += e.Data.Amount, WhenMissing.Fail);
        if (types is not null)
        {
            on.Event<OrderCompacted>().ByStream().Creates((row, e) => (row.Total, row.Paid) = (e.Data.Snapshot.Total, e.Data.Snapshot.Paid), WhenPresent.Replace);
        }
    }

    public sealed class Row
    {
        [Key]
        public Guid Id { get; set; }

        public long Total { get; set; }

        public long Paid { get; set; }
    }
}

/// <summary>As <see cref="Orders"/>, with a row a tenant's order.</summary>
internal sealed class TenantOrders(int number) : TableProjection<TenantOrders.Key, TenantOrders.Row>("orders", number, OrderEvents.Types)
{
    public override VersionFiles Files { get; } = new(
        $"projections/Orders/V{number}",
        $"create table orders_v{number} (tenant text, id uuid, total bigint not null, paid bigint not null, primary key (tenant, id))",
        null,
        $"drop table orders_v{number}",
        new string((char)('0' + number), 64));

    protected override void Define(FoldDefinition<Key, Row> on)
    {
        on.Event<Placed>().ByTenantAndStream().Creates((row, e) => row.Total = e.Data.Total);
        on.Event<Paid>().ByTenantAndStream().Updates((row, e) => row.Paid += e.Data.Amount, WhenMissing.Fail);
    }

    public readonly record struct Key(string Tenant, Guid Id);

    public sealed class Row
    {
        [Key]
        public string Tenant { get; set; } = "";

        [Key]
        public Guid Id { get; set; }

        public long Total { get; set; }

        public long Paid { get; set; }
    }
}

internal sealed record Placed(long Total);

internal sealed record Paid(long Amount);

internal sealed record OrderCompacted(OrderSnapshot Snapshot);

internal sealed record OrderSnapshot(long Total, long Paid);

internal static class OrderEvents
{
    public static EventTypes Types { get; } = EventTypes.Create(types => types.Map<Placed>("placed").Map<Paid>("paid"));

    public static EventTypes WithCompaction { get; } = EventTypes.Create(types => types.Map<Placed>("placed").Map<Paid>("paid").Map<OrderCompacted>("Compacted<Order>"));
}
