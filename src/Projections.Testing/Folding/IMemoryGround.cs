using Projections.Definitions;
using Projections.Events;
using Projections.Tables;

namespace Projections.Testing.Folding;

/// <summary>A ground without a database, on which nothing waits.</summary>
internal interface IMemoryGround : IFoldGround
{
    /// <summary>Folds events into an empty table that is thrown away.</summary>
    KeyProbe Probe(IReadOnlyList<RecordedEvent> events);
}

/// <summary>What folding some events alone would touch.</summary>
/// <param name="Keys">The keys that the handlers look for.</param>
/// <param name="Fails">Whether an event cannot be decoded or folded.</param>
internal sealed record KeyProbe(IReadOnlySet<string> Keys, bool Fails);

/// <summary>Finds the ground for a version whose types are not known.</summary>
internal static class MemoryGround
{
    /// <returns>The ground, or <c>null</c> for a version that only a database can fold.</returns>
    public static IMemoryGround? Of(ProjectionVersion version)
    {
        for (var type = version.GetType(); type is not null; type = type.BaseType)
        {
            if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(TableProjection<,>))
            {
                return (IMemoryGround)Activator.CreateInstance(typeof(MemoryGround<,>).MakeGenericType(type.GetGenericArguments()), version)!;
            }
        }

        return null;
    }
}
