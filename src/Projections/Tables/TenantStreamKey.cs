using System.Linq.Expressions;
using System.Reflection;
using Projections.Events;

namespace Projections.Tables;

/// <summary>A key that is a tenant and the name of a stream of that tenant: a struct made of a string and a Guid or a string, in that order.</summary>
internal static class TenantStreamKey<TKey>
    where TKey : notnull
{
    private static readonly ConstructorInfo? Constructor = !typeof(TKey).IsValueType
        ? null
        : typeof(TKey).GetConstructors().FirstOrDefault(constructor => constructor.GetParameters() is [var tenant, var stream]
            && tenant.ParameterType == typeof(string)
            && (stream.ParameterType == typeof(Guid) || stream.ParameterType == typeof(string))
            && typeof(TKey).GetProperty(stream.Name!)?.PropertyType == stream.ParameterType);

    /// <summary>Whether <typeparamref name="TKey"/> is such a key.</summary>
    public static bool IsOne => Constructor is not null;

    /// <summary>Whether streams are in it as UUIDs, so that two spellings of one are one key.</summary>
    public static bool HasGuid => Constructor?.GetParameters()[1].ParameterType == typeof(Guid);

    /// <summary>Makes a key.</summary>
    public static Func<string, StreamId, TKey> Make { get; } = Constructor is null ? (_, _) => throw new NotSupportedException() : MakeOf(Constructor);

    /// <summary>The stream that is in a key.</summary>
    public static Func<TKey, StreamId> StreamOf { get; } = Constructor is null ? _ => throw new NotSupportedException() : StreamIn(Constructor);

    private static Func<string, StreamId, TKey> MakeOf(ConstructorInfo constructor)
    {
        var tenant = Expression.Parameter(typeof(string));
        var stream = Expression.Parameter(typeof(StreamId));
        var name = Expression.Property(stream, HasGuid ? nameof(StreamId.Guid) : nameof(StreamId.Text));
        return Expression.Lambda<Func<string, StreamId, TKey>>(Expression.New(constructor, tenant, name), tenant, stream).Compile();
    }

    private static Func<TKey, StreamId> StreamIn(ConstructorInfo constructor)
    {
        var key = Expression.Parameter(typeof(TKey));
        var part = Expression.Property(key, constructor.GetParameters()[1].Name!);
        return Expression.Lambda<Func<TKey, StreamId>>(Expression.New(typeof(StreamId).GetConstructor([part.Type])!, part), key).Compile();
    }
}
