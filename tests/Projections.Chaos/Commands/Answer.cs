namespace Projections.Chaos.Commands;

/// <summary>What came of a command.</summary>
/// <param name="Outcome">In a word, as the table at the end has it.</param>
/// <param name="Text">What was said.</param>
/// <param name="Explains">Whether whoever asked knows from it what to do.</param>
internal sealed record Answer(string Outcome, string Text, bool Explains = true)
{
    public static Answer Done(string text) => new("done", text);

    public static Answer Refused(string text) => new("refused", text);

    public static Answer Unavailable(string text) => new("not now: unavailable", text);

    public static Answer Bad(string text) => new("bad", text, Explains: false);
}
