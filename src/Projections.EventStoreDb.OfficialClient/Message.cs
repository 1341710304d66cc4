using Projections.Events;

namespace Projections.EventStoreDb.OfficialClient;

/// <summary>What a message of an answer says.</summary>
/// <param name="Position">Up to where it has come; <see cref="EventPosition.BeforeFirst"/> where it does not say.</param>
/// <param name="Event">The event, if it is one that is wanted.</param>
/// <param name="Bytes">How much came for it.</param>
/// <param name="IsCaughtUp">Whether all that there was when the subscription began has come.</param>
internal readonly record struct Message(EventPosition Position, RecordedEvent? Event = null, int Bytes = 0, bool IsCaughtUp = false);
