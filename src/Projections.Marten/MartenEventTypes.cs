using System.Text.Json;
using JasperFx.Events;
using Marten;
using Marten.Events;
using Marten.Services;
using Projections.Events;

namespace Projections.Marten;

/// <summary>The event types that a Marten store knows, as it names, writes and upcasts them.</summary>
public static class MartenEventTypes
{
    /// <summary>
    /// Takes over the names of all classes that the options know (<c>AddEventType</c>, <c>MapEventType</c>, Marten's projections) and all upcasters. JSON is read by the
    /// options of a <see cref="SystemTextJsonSerializer"/>, by which a missing constructor parameter and a <c>null</c> where there may be none are errors besides; any
    /// other serializer is called.
    /// </summary>
    /// <exception cref="EventTypesInvalid">Something cannot be taken over; the message lists all of it.</exception>
    public static EventTypes Of(IReadOnlyStoreOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var upcasts = UpcastNames.Of(options.Events);
        var classes = ClassesOf(options.Events).Where(known => !upcasts.ContainsKey(known.EventTypeName)).ToLookup(known => known.EventTypeName, StringComparer.Ordinal);
        var serializer = options.Serializer();
        var errors = classes.Where(name => name.Count() > 1).Select(Ambiguous)
            .Concat(upcasts.Values.Select(upcast => UpcastReading.WhyNot(upcast, serializer)).OfType<string>())
            .ToList();
        if (errors.Count > 0)
        {
            throw new EventTypesInvalid(errors);
        }

        return EventTypes.Create(types =>
        {
            var read = Using(types, serializer);
            foreach (var known in classes.Select(name => name.Single()))
            {
                types.Map(known.EventType, known.EventTypeName, read(known.EventType));
            }

            foreach (var upcast in upcasts.Values)
            {
                types.Map(upcast.DocumentType, upcast.EventTypeName, json => UpcastReading.Read(upcast, serializer, json));
            }
        });
    }

    // An interface is known to Marten when a projection of its takes it; nothing is stored under its name. 'archived' is what Projections knows by itself.
    private static IEnumerable<IEventType> ClassesOf(IReadOnlyEventStoreOptions events) => events.AllKnownEventTypes()
        .Where(known => known.EventType is { IsAbstract: false, IsInterface: false } && known.EventType != typeof(Archived));

    /// <summary>How classes are read: by options, or by the serializer itself.</summary>
    private static Func<Type, Func<ReadOnlyMemory<byte>, object>?> Using(EventTypesBuilder types, ISerializer serializer)
    {
        if (serializer is not SystemTextJsonSerializer json)
        {
            return type => bytes => serializer.FromJson(type, JsonBytes.Open(bytes));
        }

        // It shows its options to whoever configures them: for clean JSON, for writing, for reading, and with types.
        var shown = new List<JsonSerializerOptions>();
        json.Configure(shown.Add);
        types.Using(shown[2]);
        return _ => null;
    }

    private static string Ambiguous(IGrouping<string, IEventType> name) =>
        $"Marten stores {string.Join(" and ", name.Select(known => known.EventType.FullName).Order(StringComparer.Ordinal))} under the name '{name.Key}', and tells them apart by their class in .NET, which "
        + "is not read here. Give all but one a name of its own, options.Events.MapEventType<...>(\"...\"), before events are stored; or declare the event types by EventTypes.Create.";
}
