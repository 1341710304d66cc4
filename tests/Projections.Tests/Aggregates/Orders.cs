using System.Text.Json.Serialization;
using JasperFx.Events;
using Projections.Events;

namespace Projections.Tests.Aggregates;

internal interface IOrderEvent;

internal interface INote
{
    string Text { get; }
}

internal sealed record Placed(string Customer, decimal Total) : IOrderEvent;

internal sealed record Paid(decimal Amount) : IOrderEvent;

internal sealed record Shipped(string Carrier) : IOrderEvent;

internal sealed record Commented(string Text) : IOrderEvent, INote;

internal sealed record Complained(string Text) : IOrderEvent, INote;

internal sealed record Cancelled(bool ForGood) : IOrderEvent;

internal static class OrderEvents
{
    public static EventTypes Types { get; } = EventTypes.Create(types => types
        .Map<Placed>("placed")
        .Map<Paid>("paid")
        .Map<Shipped>("shipped")
        .Map<Commented>("commented")
        .Map<Complained>("complained")
        .Map<Cancelled>("cancelled"));
}

/// <summary>An aggregate as most are written: a class that its events change, with methods of the domain among them.</summary>
internal sealed class MutableOrder
{
    [JsonIgnore]
    private readonly List<object> _uncommitted = [];

    private MutableOrder()
    {
    }

    internal MutableOrder(Placed e) => (Customer, Total) = (e.Customer, e.Total);

    public Guid Id { get; private set; }

    public int Version { get; private set; }

    public string Customer { get; private set; } = "";

    public decimal Total { get; private set; }

    public decimal Open => Total - Payments.Sum();

    public List<decimal> Payments { get; } = [];

    public List<string> Notes { get; private set; } = [];

    public DateTimeOffset? ShippedAt { get; private set; }

    /// <summary>A factory of the domain: it takes no event.</summary>
    public static MutableOrder Create(string customer, decimal total)
    {
        var order = new MutableOrder();
        order._uncommitted.Add(new Placed(customer, total));
        return order;
    }

    public bool ShouldDelete(Cancelled e) => e.ForGood || Payments.Count == 0;

    internal void Apply(Paid e) => Payments.Add(e.Amount);

    internal void Apply(INote note) => Notes.Add(note.Text);

    internal void Apply(Complained e) => Notes.Add($"!{e.Text}");

    // Marten's envelope, with or without the event beside it.
    private void Apply(Shipped e, IEvent envelope) => (ShippedAt, Notes) = (envelope.Timestamp, [.. Notes, $"{e.Carrier} {envelope.GetHeader("by")} {envelope.Version}"]);
}

/// <summary>An aggregate that is replaced by each event.</summary>
internal sealed record ImmutableOrder(Guid Id, string Customer, decimal Total, decimal Paid, long At)
{
    public static ImmutableOrder Create(Event<Placed> e) => new(Guid.Empty, e.Data.Customer, e.Data.Total, 0, e.Position.Major);

    public static ImmutableOrder Apply(Paid e, ImmutableOrder order) => order with { Paid = order.Paid + e.Amount };

    public static bool ShouldDelete(ImmutableOrder order, Cancelled _) => order.Paid == 0;

    public ImmutableOrder Apply(IEvent<Shipped> e) => this with { At = e.Sequence, Customer = $"{Customer} by {e.Data.Carrier}" };
}
