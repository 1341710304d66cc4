using System.Text.Json;
using JasperFx.Events;
using Marten;
using Marten.Services.Json.Transformations.SystemTextJson;
using Weasel.Core;

namespace Projections.Marten;

public enum Channel
{
    Shop,
    Web,
}

public sealed record OrderPlaced(string CustomerName, decimal NetTotal, Channel SoldBy);

public sealed record OrderPaid(decimal PaidAmount);

public sealed record OrderShipped(string ShippedTo);

/// <summary>As orders were placed at first: without a channel.</summary>
public sealed record OrderPlacedAtFirst(string CustomerName, decimal NetTotal);

/// <summary>As shipments were written before there was a class for it.</summary>
public sealed record ShipmentNoted(string Town, string Street);

/// <summary>Reads what was noted of shipments as JSON: no class is left for it.</summary>
public sealed class ShipmentUpcaster : EventUpcaster<OrderShipped>
{
    public override string EventTypeName => "shipment_noted";

    protected override OrderShipped Upcast(JsonDocument oldEvent) =>
        new($"{oldEvent.RootElement.GetProperty("street").GetString()}, {oldEvent.RootElement.GetProperty("town").GetString()}");
}

/// <summary>The options of an application's store: nothing in it is as Marten has it by default.</summary>
internal static class Shop
{
    public const string Schema = "shop_events";

    public static void Today(StoreOptions options)
    {
        Common(options);
        options.Events.AddEventType<OrderPlaced>();
        options.Events.AddEventType<OrderShipped>();
        options.Events.MapEventType<OrderPaid>("payment_came_in");
        options.Events.Upcast<OrderPlacedAtFirst, OrderPlaced>("order_placed_at_first", old => new OrderPlaced(old.CustomerName, old.NetTotal, Channel.Shop));
        options.Events.Upcast<ShipmentUpcaster>();
    }

    /// <summary>The same application, some years ago.</summary>
    public static void AtFirst(StoreOptions options)
    {
        Common(options);
        options.Events.AddEventType<OrderPlacedAtFirst>();
        options.Events.AddEventType<ShipmentNoted>();
        options.Events.MapEventType<OrderPaid>("payment_came_in");
    }

    private static void Common(StoreOptions options)
    {
        options.Events.DatabaseSchemaName = Schema;
        options.Events.StreamIdentity = StreamIdentity.AsString;
        options.Events.TenancyStyle = JasperFx.MultiTenancy.TenancyStyle.Conjoined;
        options.UseSystemTextJsonForSerialization(EnumStorage.AsString, Casing.SnakeCase);
    }
}
