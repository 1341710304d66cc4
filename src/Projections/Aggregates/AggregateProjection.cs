using Projections.Events;
using Projections.Tables;

namespace Projections.Aggregates;

/// <summary>
/// A version whose rows are aggregates: documents that a plain class folds by the conventions of Marten and most others. An event is
/// handled by the methods that take it: <c>Create</c> (or a constructor) where there is no aggregate yet, <c>Apply</c> where there is
/// one, or where the class can be made without an event, and <c>ShouldDelete</c>, which is asked first. They may be static or not, public
/// or not; take the event, its base type, <see cref="Event{TEvent}"/> for what was stored with it, and the aggregate; and change the
/// aggregate or return another. The names of methods that cannot be used are told at the start.
/// </summary>
/// <remarks>
/// The table has the columns <c>key</c>, <c>data jsonb</c>, <c>version bigint</c> and <c>updated_at timestamptz</c>; for how data becomes
/// JSON see <see cref="TableProjection{TKey,TRow}.Documents"/>. As with Marten, members <c>Id</c> and <c>Version</c> get the key and the last event's place in its
/// stream after each event, and an event that only an <c>Apply</c> takes does nothing where there is no aggregate and none can be made without an event.
/// </remarks>
/// <example><code>
/// public sealed class OrderV1() : AggregateProjection&lt;Guid, Order&gt;("orders", 1, ShopEvents.Types);
///
/// public sealed record Order(Guid Id, decimal Total, bool IsPaid)
/// {
///     public static Order Create(OrderPlaced e) => new(Guid.Empty, e.Total, false);
///     public Order Apply(OrderPaid e) => this with { IsPaid = true };
///     public bool ShouldDelete(OrderCancelled e) => !IsPaid;
/// }
/// </code></example>
/// <typeparam name="TKey">The key: Guid or string, as streams are named, or whatever <see cref="DefineKeys"/> says.</typeparam>
/// <typeparam name="TAggregate">The aggregate's class.</typeparam>
/// <param name="projection">The projection's name, such as <c>orders</c>.</param>
/// <param name="version">The version's number, from 1.</param>
/// <param name="types">The event types; those that no method takes are not read.</param>
public abstract class AggregateProjection<TKey, TAggregate>(string projection, int version, EventTypes types)
    : TableProjection<TKey, AggregateRow<TKey, TAggregate>>(projection, version, types)
    where TKey : notnull
    where TAggregate : class
{
    /// <summary>Says which aggregate an event is for, where that is not its stream. The default is the stream for all.</summary>
    protected virtual void DefineKeys(AggregateKeys<TKey> keys)
    {
    }

    protected sealed override void Define(FoldDefinition<TKey, AggregateRow<TKey, TAggregate>> on)
    {
        var keys = new AggregateKeys<TKey>();
        DefineKeys(keys);
        new AggregateFold<TKey, TKey, AggregateRow<TKey, TAggregate>, TAggregate>(on, keys).Define(Vocabulary);
    }
}

/// <summary>As <see cref="AggregateProjection{TKey, TAggregate}"/>, for aggregates whose streams are named by a UUID.</summary>
/// <inheritdoc/>
public abstract class AggregateProjection<TAggregate>(string projection, int version, EventTypes types) : AggregateProjection<Guid, TAggregate>(projection, version, types)
    where TAggregate : class;

/// <summary>
/// As <see cref="AggregateProjection{TKey, TAggregate}"/>, where each tenant has streams of its own (Marten's conjoined tenancy): the table
/// has the column <c>tenant</c> before the others, and both are its key.
/// </summary>
/// <typeparam name="TId">How streams are named: Guid or string.</typeparam>
/// <typeparam name="TAggregate">The aggregate's class.</typeparam>
/// <param name="projection">The projection's name, such as <c>orders</c>.</param>
/// <param name="version">The version's number, from 1.</param>
/// <param name="types">The event types; those that no method takes are not read.</param>
public abstract class TenantAggregateProjection<TId, TAggregate>(string projection, int version, EventTypes types)
    : TableProjection<TenantKey<TId>, TenantAggregateRow<TId, TAggregate>>(projection, version, types)
    where TId : notnull
    where TAggregate : class
{
    protected sealed override void Define(FoldDefinition<TenantKey<TId>, TenantAggregateRow<TId, TAggregate>> on) =>
        new AggregateFold<TenantKey<TId>, TId, TenantAggregateRow<TId, TAggregate>, TAggregate>(on, new AggregateKeys<TenantKey<TId>>()).Define(Vocabulary);
}
