using System.Reflection;
using Projections.Events;

namespace Projections.Aggregates;

/// <summary>The methods of an aggregate that take the events of one type.</summary>
internal sealed class EventMethods
{
    private Delegate? _step;

    /// <summary>A static method or a constructor that makes the aggregate.</summary>
    public MethodBase? Create { get; set; }

    public MethodInfo? Apply { get; set; }

    public MethodInfo? ShouldDelete { get; set; }

    /// <summary>All of them as one delegate, which is compiled when it is first asked for.</summary>
    public Func<TAggregate?, Event<TEvent>, TAggregate?> Step<TAggregate, TEvent>()
        where TAggregate : class => (Func<TAggregate?, Event<TEvent>, TAggregate?>)(_step ??= AggregateStep.Compile<TAggregate, TEvent>(this));
}
