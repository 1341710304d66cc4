using Projections.Catalog;
using Projections.Events;

namespace Projections.Reports;

/// <summary>An event that a version set aside, as every door tells it: without the values of its data, which <c>show-event</c> shows.</summary>
internal sealed record DeadLetterReport(
    int Version,
    EventPosition Position,
    string Stream,
    long StreamVersion,
    string Type,
    string Data,
    string Error,
    DeadLetterStatus Status,
    int Attempts,
    DateTime SetAsideAt,
    string? SetAsideBy,
    string? SetAsideWhy,
    string? DecidedBy,
    DateTime? DecidedAt)
{
    public static DeadLetterReport Of(DeadLetter letter) => new(
        letter.Version.Number,
        letter.Event.Position,
        letter.Event.Stream,
        letter.Event.StreamVersion,
        letter.Event.Type,
        HiddenData.Of(letter.Event.Data),
        letter.Event.Error,
        letter.Status,
        letter.Attempts,
        letter.SetAsideAt,
        letter.SetAsideBy?.Who,
        letter.SetAsideBy?.Why,
        letter.DecidedBy,
        letter.DecidedAt);
}
