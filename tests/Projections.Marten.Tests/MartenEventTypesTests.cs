using System.Reflection;
using Marten;
using Marten.Services.Json.Transformations;
using Projections.Events;
using Projections.Testing;

namespace Projections.Marten;

/// <summary>What is taken over from a store's options, and what is refused.</summary>
public sealed class MartenEventTypesTests
{
    [Fact]
    public void Names_aliases_and_upcasters_are_the_stores()
    {
        var types = TypesOf(Shop.Today);

        types.NamesOf(typeof(OrderPlaced)).ShouldBe(["order_placed", "order_placed_at_first"]);
        types.NamesOf(typeof(OrderPaid)).ShouldBe(["payment_came_in"]);
        types.NamesOf(typeof(OrderShipped)).ShouldBe(["order_shipped", "shipment_noted"]);
        types.Names.ShouldNotContain("archived");
    }

    [Fact]
    public void Names_follow_the_stores_style() =>
        TypesOf(options =>
        {
            options.Events.EventNamingStyle = JasperFx.Events.EventNamingStyle.FullTypeName;
            options.Events.AddEventType<OrderPlaced>();
        }).Names.ShouldBe(["Projections.Marten.OrderPlaced"]);

    [Fact]
    public void An_old_class_that_the_store_still_knows_is_upcast_all_the_same() =>
        TypesOf(options =>
        {
            options.Events.AddEventType<OrderPlacedAtFirst>();
            options.Events.Upcast<OrderPlacedAtFirst, OrderPlaced>(old => new OrderPlaced(old.CustomerName, old.NetTotal, Channel.Shop));
        }).NamesOf(typeof(OrderPlaced)).ShouldBe(["order_placed_at_first"]);

    [Fact]
    public void A_serializer_of_the_applications_own_is_called_for_classes_and_by_upcasters()
    {
        var types = TypesOf(options =>
        {
            Shop.AtFirst(options);
            options.Events.AddEventType<OrderShipped>();
            options.Events.Upcast<OrderPlacedAtFirst, OrderPlaced>("order_placed_at_first", old => new OrderPlaced(old.CustomerName, old.NetTotal, Channel.Shop));
            options.Serializer(Forwarding.To(options.Serializer()));
        });

        ProjectionSpec.For(new ShopOrdersV1(types)).ForTenant("north")
            .GivenStored("order-1", "order_placed_at_first", """{"customer_name":"Ann","net_total":10}""")
            .GivenStored("order-1", "payment_came_in", """{"paid_amount":4}""")
            .GivenStored("order-1", "order_shipped", """{"shipped_to":"Ulm"}""")
            .Then(new("north", "order-1"), row => (row.Customer, row.Net, row.Paid, row.ShippedTo).ShouldBe(("Ann", 10m, 4m, "Ulm")));
    }

    [Fact]
    public void An_upcaster_that_needs_more_than_the_event_is_refused()
    {
        var refused = Should.Throw<EventTypesInvalid>(() => TypesOf(options =>
        {
            options.Events.Upcast<OrderPlacedAtFirst, OrderPlaced>("order_looked_up", (old, _) => Task.FromResult(new OrderPlaced(old.CustomerName, old.NetTotal, Channel.Web)));
            options.Events.Upcast<LookingUp>();
        }));

        refused.Errors.Count.ShouldBe(2);
        refused.Errors.ShouldAllBe(error => error.Contains("is asynchronous only, or fails without looking at the event"));
        refused.Errors.ShouldContain(error => error.StartsWith("The upcaster of 'order_looked_up' to OrderPlaced is", StringComparison.Ordinal));
    }

    [Fact]
    public void Two_classes_of_one_name_are_refused() =>
        Should.Throw<EventTypesInvalid>(() => TypesOf(options =>
        {
            options.Events.AddEventType<OrderPlaced>();
            options.Events.AddEventType<Elsewhere.OrderPlaced>();
        })).Errors.ShouldHaveSingleItem().ShouldStartWith(
            "Marten stores Projections.Marten.MartenEventTypesTests+Elsewhere+OrderPlaced and Projections.Marten.OrderPlaced under the name 'order_placed', and tells them apart by their class in .NET");

    private static EventTypes TypesOf(Action<StoreOptions> configure)
    {
        var options = new StoreOptions();
        configure(options);
        return MartenEventTypes.Of(options);
    }

    /// <summary>A serializer that is none of Marten's, although it does as one of them does.</summary>
    public class Forwarding : DispatchProxy
    {
        private ISerializer? _to;

        public static ISerializer To(ISerializer other)
        {
            var forwarding = Create<ISerializer, Forwarding>();
            ((Forwarding)(object)forwarding)._to = other;
            return forwarding;
        }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
            targetMethod!.Invoke(_to, BindingFlags.DoNotWrapExceptions, null, args, null);
    }

    private static class Elsewhere
    {
        public sealed record OrderPlaced(string Other);
    }

    private sealed class LookingUp : AsyncOnlyEventUpcaster<OrderPlacedAtFirst, OrderPlaced>
    {
        protected override Task<OrderPlaced> UpcastAsync(OrderPlacedAtFirst oldEvent, CancellationToken ct) =>
            Task.FromResult(new OrderPlaced(oldEvent.CustomerName, oldEvent.NetTotal, Channel.Web));
    }
}
