using Projections.Events;

namespace Projections.Definitions;

/// <summary>Whether the store can have events of the types that a version handles.</summary>
internal static class EventTypeProblems
{
    public static IEnumerable<string> Of(IEnumerable<Type> handled, EventTypes types)
    {
        var any = false;
        foreach (var type in handled)
        {
            any = true;
            if (types.NamesOf(type).Count > 0)
            {
                continue;
            }

            yield return types.TryGetSuccessor(type, out var successor)
                ? $"{TypeName.Of(type)} is handled, but its events become {TypeName.Of(successor)} before handlers see them. Handle {TypeName.Of(successor)}."
                : $"{TypeName.Of(type)} is handled, but no name in the store is mapped to it. Add Map<{TypeName.Of(type)}>(\"...\") to the event types, or AddEventType<{TypeName.Of(type)}>() to the Marten store that they are taken from.";
        }

        if (!any)
        {
            yield return "No event is handled. Declare at least one in Define: on.Event<...>()...";
        }
    }
}
