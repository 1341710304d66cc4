using System.Text;
using EventStore.Client;
using Projections.Events;
using Projections.EventStoreDb.Reading;

namespace Projections.EventStoreDb.OfficialClient;

/// <summary>Our positions and filters in the client's terms.</summary>
internal static class ClientTerms
{
    /// <summary>A place in the whole log; <c>null</c> is its end.</summary>
    public static Position Position(EventPosition? position) => position switch
    {
        null => EventStore.Client.Position.End,
        { } start when start == EventPosition.BeforeFirst => EventStore.Client.Position.Start,
        { } place => new Position((ulong)place.Major, (ulong)place.Minor),
    };

    public static EventPosition Position(Position position) => new((long)position.CommitPosition, (long)position.PreparePosition);

    /// <summary>A place in a stream; <c>null</c> is its end.</summary>
    public static StreamPosition Revision(EventPosition? position) => position switch
    {
        null => StreamPosition.End,
        { } start when start == EventPosition.BeforeFirst => StreamPosition.Start,
        { } place => StreamPosition.FromInt64(place.Major),
    };

    /// <summary>What the server is told; <c>null</c> when it is to send everything.</summary>
    public static IEventFilter? Filter(EventSelection selection) => selection.ToServer() switch
    {
        null => null,
        { StreamIdentifier: { } streams } => StreamFilter.Prefix(EventSelection.Window, [.. streams.Prefix]),
        { EventType: { Prefix.Count: > 0 } types } => EventTypeFilter.Prefix(EventSelection.Window, [.. types.Prefix]),
        _ => EventTypeFilter.ExcludeSystemEvents(EventSelection.Window),
    };

    public static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);
}
