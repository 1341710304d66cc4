using System.Reflection;
using Projections.Events;

namespace Projections.Aggregates;

/// <summary>
/// Marten's <c>IEvent</c> and <c>IEvent&lt;T&gt;</c>, known by their names: aggregates that take them are folded as they are, and this
/// library has nothing to do with Marten's. An object a thread stands for one event after the other, as ours do.
/// </summary>
internal class ForeignEnvelope : DispatchProxy
{
    [ThreadStatic]
    private static Dictionary<Type, ForeignEnvelope>? _ofThread;

    private Func<MethodInfo, object?[], object?> _read = (_, _) => null;

    /// <summary>Whether it is such an interface.</summary>
    public static bool Is(Type type) => type is { IsInterface: true, Namespace: "JasperFx.Events" or "Marten.Events" } && type.Name is "IEvent" or "IEvent`1";

    /// <summary>The type of the event that it carries, or <c>null</c> where it does not say.</summary>
    public static Type? EventOf(Type type) => type.IsGenericType ? type.GetGenericArguments()[0] : null;

    /// <summary>An object that implements the interface and stands for the event as long as its handler runs.</summary>
    public static ForeignEnvelope Of<TEvent>(Type type, Event<TEvent> e)
    {
        _ofThread ??= [];
        if (!_ofThread.TryGetValue(type, out var envelope))
        {
            _ofThread.Add(type, envelope = (ForeignEnvelope)Create(type, typeof(ForeignEnvelope)));
        }

        envelope._read = (member, arguments) => Read(member, arguments, e);
        return envelope;
    }

    /// <inheritdoc/>
    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => _read(targetMethod!, args ?? []);

    private static object? Read<TEvent>(MethodInfo member, object?[] arguments, in Event<TEvent> e) => member.Name switch
    {
        "get_Data" => e.Data,
        "get_StreamId" => e.Stream.IsGuid ? e.Stream.Guid : Guid.Empty,
        "get_StreamKey" => e.Stream.IsGuid ? null : e.Stream.Text,
        "get_Version" => e.StreamVersion,
        "get_Sequence" => e.Position.Major,
        "get_Timestamp" => new DateTimeOffset(e.Time, TimeSpan.Zero),
        "get_TenantId" => e.Tenant ?? "*DEFAULT*",
        "get_EventType" => typeof(TEvent),
        "get_EventTypeName" => e.Type,
        "GetHeader" when arguments is [string name] => e.Metadata(name),
        _ => throw new NotSupportedException($"{member.DeclaringType!.Name}.{member.Name} is not known here. Take Event<{typeof(TEvent).Name}>, which has what the event was stored with."),
    };
}
