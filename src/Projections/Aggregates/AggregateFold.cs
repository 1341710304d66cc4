using System.Reflection;
using System.Runtime.CompilerServices;
using Projections.Definitions;
using Projections.Events;
using Projections.Tables;

namespace Projections.Aggregates;

/// <summary>Declares what the methods of an aggregate say as what events do to its row: a row whose aggregate is gone is deleted.</summary>
internal sealed class AggregateFold<TKey, TId, TRow, TAggregate>(FoldDefinition<TKey, TRow> on, AggregateKeys<TKey> keys)
    where TKey : notnull
    where TId : notnull
    where TRow : AggregateState<TId, TAggregate>, new()
    where TAggregate : class
{
    private static readonly MethodInfo DefineEvent = typeof(AggregateFold<TKey, TId, TRow, TAggregate>).GetMethod(nameof(DefineOne), BindingFlags.Instance | BindingFlags.NonPublic)!;

    private static readonly Action<TAggregate, TId>? SetId = AggregateMember.FindSetter<TAggregate, TId>("Id");
    private static readonly Action<TAggregate, long>? SetVersion = AggregateMember.FindSetter<TAggregate, long>("Version");

    // Looked for and compiled once: versions are made by the thousand where they are tested.
    private static readonly ConditionalWeakTable<EventTypes, AggregateMethods> Known = [];

    public void Define(EventTypes types)
    {
        var methods = Known.GetValue(types, static types => AggregateMethods.Of(typeof(TAggregate), types));
        foreach (var (eventType, found) in methods.Events)
        {
            DefineEvent.MakeGenericMethod(eventType).Invoke(this, [found]);
        }

        on.Problems.AddRange(methods.Problems);
        on.Problems.AddRange(keys.Events.Where(type => !methods.Events.ContainsKey(type)).Select(
            type => $"It says which {TypeName.Of(typeof(TAggregate))} a {TypeName.Of(type)} is for, but no method takes one. Add Apply({TypeName.Of(type)}), or take the key away."));
    }

    private void DefineOne<TEvent>(EventMethods methods)
    {
        var step = methods.Step<TAggregate, TEvent>();
        RowOf(on.Event<TEvent>())
            .Upserts((row, e) =>
            {
                row.Data = step(row.Data, e)!;
                row.Version = e.StreamVersion;
                row.UpdatedAt = e.Time;
                if (row.Data is not null)
                {
                    SetId?.Invoke(row.Data, row.Key);
                    SetVersion?.Invoke(row.Data, row.Version);
                }
            })
            .DeletesWhen(row => row.Data is null);
    }

    private RowDefinition<TKey, TRow, TEvent> RowOf<TEvent>(EventDefinition<TKey, TRow, TEvent> e) =>
        keys.Find<TEvent>() is { } key ? e.By(key)
        : TenantStreamKey<TKey>.IsOne ? e.ByTenantAndStream()
        : e.ByStream();
}
