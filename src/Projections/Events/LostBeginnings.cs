using System.Globalization;

namespace Projections.Events;

/// <summary>Streams whose first events a store no longer has, while it has later ones that are wanted.</summary>
/// <param name="Streams">How many streams.</param>
/// <param name="Events">How many events of them are gone.</param>
/// <param name="Examples">Some of the streams, by name, each with the place in it that it begins at now.</param>
/// <param name="IsAtLeast">Whether there may be more of them than was looked at.</param>
public sealed record LostBeginnings(long Streams, long Events, IReadOnlyList<string> Examples, bool IsAtLeast = false)
{
    /// <summary>None, as far as the store can say.</summary>
    public static readonly LostBeginnings None = new(0, 0, []);

    /// <summary>The types of events that were put in the place of what is gone, and that are not wanted; empty (the default) where nothing was compacted.</summary>
    public IReadOnlyList<string> StandIns { get; init; } = [];

    /// <summary>
    /// What else is gone, of which nothing is left that would be folded: a sentence each, and none (the default) where there is no trace of such. No
    /// event finds its row missing by that, but rows that come of several streams may lack something.
    /// </summary>
    public IReadOnlyList<string> Traces { get; init; } = [];

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{(IsAtLeast ? "at least " : "")}{Streams:N0} {(Streams == 1 ? "stream has lost its" : "streams have lost their")} beginning ({Events:N0} events): {string.Join(", ", Examples)}{(Streams > Examples.Count ? ", …" : "")}");
}
