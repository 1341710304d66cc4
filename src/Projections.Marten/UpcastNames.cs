using System.Reflection;
using JasperFx.Core;
using Marten.Events;
using Projections.Events;

namespace Projections.Marten;

/// <summary>The names in the store whose events Marten upcasts. It tells the classes that it knows to anybody, but of these names only itself.</summary>
internal static class UpcastNames
{
    private const string Field = "_byEventName";

    /// <summary>What an upcaster makes of the events of each name.</summary>
    /// <exception cref="EventTypesInvalid">This Marten keeps them somewhere else than those that were seen.</exception>
    public static IReadOnlyDictionary<string, EventMapping> Of(IReadOnlyEventStoreOptions events)
    {
        if (events.GetType().GetField(Field, BindingFlags.Instance | BindingFlags.NonPublic)?.GetValue(events) is not Cache<string, EventMapping?> byName)
        {
            throw new EventTypesInvalid(
                [$"Marten {events.GetType().Assembly.GetName().Version} keeps its upcasters in another place than the versions known here ('{Field}'). Declare the event types by EventTypes.Create, and read the store by AddMartenEvents."]);
        }

        var classes = events.AllKnownEventTypes().ToHashSet(ReferenceEqualityComparer.Instance);
        return byName.OfType<EventMapping>().Where(mapping => !classes.Contains(mapping)).ToDictionary(mapping => mapping.EventTypeName, StringComparer.Ordinal);
    }
}
