using Projections.Commands;
using Projections.Definitions;
using Projections.Events;
using Projections.Tables;

namespace Projections.Verification;

/// <summary>How a row came to be what it is: the events that made it, folded by each version's handler step by step.</summary>
/// <param name="Projection">The projection.</param>
/// <param name="Key">The row's key, a part a column.</param>
/// <param name="Through">The position up to which events were folded: where the versions' tables were.</param>
/// <param name="Streams">The streams that were read, or <c>null</c> when all events had to be.</param>
/// <param name="Steps">The events that did something to the row, in order.</param>
/// <param name="Stored">The row as the versions' tables have it.</param>
internal sealed record Explanation(
    ProjectionName Projection,
    IReadOnlyList<string> Key,
    EventPosition Through,
    IReadOnlyList<string>? Streams,
    IReadOnlyList<ExplainedStep> Steps,
    IReadOnlyList<ExplainedRow> Stored) : ICommandResult
{
    /// <summary>Whether the values of events and rows are hidden: <see cref="HiddenData"/>.</summary>
    public bool ValuesAreHidden { get; init; }

    /// <summary>The first step after which the versions differ in what is not meant to, or <c>null</c>.</summary>
    public ExplainedStep? PartsAt => Steps.FirstOrDefault(step => !step.Agrees);

    public string Outcome => $"It was shown how the row {string.Join(", ", Key)} came to be, with the values of its events.";

    public Explanation Hidden() => this with
    {
        Steps = [.. Steps.Select(step => step with { Data = HiddenData.Of(step.Data), Rows = Hide(step.Rows) })],
        Stored = Hide(Stored),
        ValuesAreHidden = true,
    };

    private static IReadOnlyList<ExplainedRow> Hide(IReadOnlyList<ExplainedRow> rows) => [.. rows.Select(row => row with { Row = HiddenData.Of(row.Row) })];
}

/// <summary>An event that did something to a row.</summary>
/// <param name="Position">Where it stands.</param>
/// <param name="Stream">Its stream.</param>
/// <param name="StreamVersion">Its place in the stream.</param>
/// <param name="Type">Its type's name in the store.</param>
/// <param name="Time">When it was stored, UTC.</param>
/// <param name="Data">Its body, JSON.</param>
/// <param name="Rows">The row after it, by version.</param>
/// <param name="Agrees">Whether the versions agree after it, declared changes taken into account; <c>true</c> for a single version.</param>
internal sealed record ExplainedStep(
    EventPosition Position, string Stream, long StreamVersion, string Type, DateTime Time, string Data, IReadOnlyList<ExplainedRow> Rows, bool Agrees);

/// <summary>A row of one version.</summary>
/// <param name="Version">The version's number.</param>
/// <param name="Row">The row as JSON, or <c>null</c> when there is none.</param>
/// <param name="Changed">Whether the event did anything to it.</param>
/// <param name="Error">Why the version's handler could not fold the event, or <c>null</c>.</param>
internal sealed record ExplainedRow(int Version, string? Row, bool Changed, string? Error = null);
