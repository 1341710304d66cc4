using Projections.Definitions;
using Projections.Tables;

namespace Projections.Testing.Folding;

/// <summary>What the events of a spec have come to.</summary>
/// <param name="Rows">The rows, by their keys and in the order of those.</param>
/// <param name="Failures">The events that could not be decoded or folded, in order: all that were set aside, or the one that the version stopped at.</param>
internal sealed record Outcome(IReadOnlyDictionary<string, FoundRow> Rows, IReadOnlyList<SetAsideEvent> Failures)
{
    /// <summary>An outcome of these rows, in the order of their keys.</summary>
    public static Outcome Of(IEnumerable<FoundRow> rows, IReadOnlyList<SetAsideEvent> failures) =>
        new(new OrderedDictionary<string, FoundRow>(rows.Select(row => KeyValuePair.Create(row.Key, row)), StringComparer.Ordinal), failures);

    /// <summary>The first difference between this and another way of folding the same events, or <c>null</c> when there is none.</summary>
    /// <param name="other">What came of the other way.</param>
    /// <param name="others">Whether a row of the other outcome belongs to streams that this one has no events of.</param>
    public Difference? FirstDifference(Outcome other, Func<string, bool> others)
    {
        if (DifferentFailure(other) is { } failure)
        {
            return failure;
        }

        foreach (var (key, row) in Rows)
        {
            var found = other.Rows.GetValueOrDefault(key);
            if (found is null || !row.Columns.AsSpan().SequenceEqual(found.Columns))
            {
                return new Difference(key, row, found);
            }
        }

        return other.Rows.Values.Where(row => !Rows.ContainsKey(row.Key) && !others(row.Key)).Select(row => new Difference(row.Key, null, row)).FirstOrDefault();
    }

    // Which events fail, and not in which words: those may well be in the language of the machine.
    private Difference? DifferentFailure(Outcome other) =>
        Failures.Select(failure => (failure.Position, failure.Stage)).SequenceEqual(other.Failures.Select(failure => (failure.Position, failure.Stage)))
            ? null
            : new Difference(null, null, null) { FailuresBefore = [.. Failures.Select(Text)], FailuresAfter = [.. other.Failures.Select(Text)] };

    private static string Text(SetAsideEvent failure) => $"event {failure.Position.Major} '{failure.Type}' could not be {(failure.Stage == PoisonStage.Decode ? "decoded" : "folded")}: {failure.Error}";
}

/// <summary>What differs between two ways of folding the same events.</summary>
/// <param name="Key">The row's key, or <c>null</c> where it is the events that failed.</param>
/// <param name="Before">The row in the order given, or <c>null</c> where there was none.</param>
/// <param name="After">The row in the other way, or <c>null</c> where there was none.</param>
internal sealed record Difference(string? Key, FoundRow? Before, FoundRow? After)
{
    /// <summary>The events that failed in the order given.</summary>
    public IReadOnlyList<string> FailuresBefore { get; init; } = [];

    /// <summary>The events that failed in the other way.</summary>
    public IReadOnlyList<string> FailuresAfter { get; init; } = [];
}
