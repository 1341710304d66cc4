using System.Linq.Expressions;
using System.Reflection;
using Projections.Events;

namespace Projections.Aggregates;

/// <summary>Compiles what an aggregate does with the events of one type into one delegate.</summary>
internal static class AggregateStep
{
    /// <returns>Gives the aggregate after the event, from the one before; <c>null</c> is none.</returns>
    public static Func<TAggregate?, Event<TEvent>, TAggregate?> Compile<TAggregate, TEvent>(EventMethods methods)
        where TAggregate : class
    {
        var before = Expression.Parameter(typeof(TAggregate));
        var e = Expression.Parameter(typeof(Event<TEvent>));
        Expression Call(MethodBase method, Expression aggregate) => CallOf<TEvent>(method, aggregate, e);

        var made = methods.Create is { } create ? Call(create, Expression.Constant(null, typeof(TAggregate)))
            : methods.Apply is { } first && Constructor(typeof(TAggregate)) is { } constructor ? Applied(first, Expression.New(constructor))
            : Expression.Constant(null, typeof(TAggregate));
        var changed = methods.Apply is { } apply ? Applied(apply, before) : before;
        Expression after = Expression.Condition(Expression.ReferenceEqual(before, Expression.Constant(null)), Cast(made), Cast(changed));
        if (methods.ShouldDelete is { } shouldDelete)
        {
            var deleted = Expression.AndAlso(Expression.ReferenceNotEqual(before, Expression.Constant(null)), Call(shouldDelete, before));
            after = Expression.Condition(deleted, Expression.Constant(null, typeof(TAggregate)), after);
        }

        return Expression.Lambda<Func<TAggregate?, Event<TEvent>, TAggregate?>>(after, before, e).Compile();

        Expression Applied(MethodInfo method, Expression aggregate)
        {
            if (method.ReturnType != typeof(void))
            {
                return Call(method, aggregate);
            }

            var changing = Expression.Variable(typeof(TAggregate));
            return Expression.Block([changing], Expression.Assign(changing, aggregate), Call(method, changing), changing);
        }

        static Expression Cast(Expression aggregate) => Expression.Convert(aggregate, typeof(TAggregate));
    }

    /// <summary>The constructor by which an aggregate is made without an event, public or not, or <c>null</c>.</summary>
    public static ConstructorInfo? Constructor(Type aggregate) =>
        aggregate.IsAbstract ? null : aggregate.GetConstructor(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic, []);

    private static Expression CallOf<TEvent>(MethodBase method, Expression aggregate, ParameterExpression e)
    {
        var arguments = method.GetParameters().Select(parameter => Argument<TEvent>(parameter.ParameterType, aggregate, e));
        return method switch
        {
            ConstructorInfo constructor => Expression.New(constructor, arguments),
            { IsStatic: true } => Expression.Call((MethodInfo)method, arguments),
            _ => Expression.Call(aggregate, (MethodInfo)method, arguments),
        };
    }

    private static Expression Argument<TEvent>(Type type, Expression aggregate, ParameterExpression e) =>
        type == aggregate.Type ? aggregate
        : type == typeof(Event<TEvent>) ? e
        : ForeignEnvelope.Is(type) ? Expression.Convert(Expression.Call(typeof(ForeignEnvelope), nameof(ForeignEnvelope.Of), [typeof(TEvent)], Expression.Constant(type), e), type)
        : Expression.Convert(Expression.Property(e, nameof(Event<TEvent>.Data)), type);
}
