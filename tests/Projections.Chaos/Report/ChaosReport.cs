using System.Globalization;
using System.Text;

namespace Projections.Chaos.Report;

/// <summary>What a run came to, for people; the last lines are a table and a verdict.</summary>
internal sealed record ChaosReport(ChaosOptions Options, ChaosRecord Record, long Events, long Rows, int Tables, TimeSpan Took)
{
    /// <summary>Whether nothing was found that must not be.</summary>
    public bool HoldsWhatIsPromised => Wrongs.All.All(what => Record.Wrongs(what) == 0);

    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var (what, details) in Record.Details)
        {
            text.AppendLine().AppendLine(CultureInfo.InvariantCulture, $"{what}:");
            details.ForEach(detail => text.AppendLine(CultureInfo.InvariantCulture, $"  {detail}"));
        }

        text.AppendLine();
        Heading(text, "Faults");
        foreach (var (kind, count) in Record.Faults)
        {
            Line(text, kind, count);
        }

        Line(text, "faults in all", Record.Faults.Values.Sum());
        Heading(text, "Commands");
        foreach (var ((door, outcome), count) in Record.Commands)
        {
            Line(text, $"by {door}: {outcome}", count);
        }

        Line(text, "commands in all", Record.Commands.Values.Sum());
        Heading(text, "Work");
        Line(text, "events in the store", Events);
        Line(text, "rows compared with a plain fold", Rows);
        Line(text, "tables compared", Tables);
        Line(text, "events that turned up behind a checkpoint", Record.LateEvents);
        Line(text, "times that a version lacked one until it was built anew", Record.Lacking);
        Line(text, "reads", Record.Reads);
        Line(text, "longest read, milliseconds", (long)Record.LongestRead.TotalMilliseconds);
        Line(text, "starts of a worker in vain: something was away", Record.VainStarts);
        Line(text, "workers that ended at their work, and were started anew", Record.Ends);
        Line(text, "most memory of a worker, megabytes", (long)Record.PeakMegabytes);
        Heading(text, "Found");
        foreach (var what in Wrongs.All)
        {
            Line(text, what, Record.Wrongs(what));
        }

        text.AppendLine();
        text.Append(string.Create(
            CultureInfo.InvariantCulture,
            $"Seed {Options.Seed}, {Options.Length.TotalMinutes:0.#} minutes of faults, {Took.TotalMinutes:0.#} in all: {(HoldsWhatIsPromised ? "everything that is promised held." : "something that is promised did not hold.")}"));
        return text.ToString();
    }

    private static void Heading(StringBuilder text, string heading) => text.AppendLine().AppendLine(heading);

    private static void Line(StringBuilder text, string what, long count) =>
        text.AppendLine(string.Create(CultureInfo.InvariantCulture, $"  {what,-58}{count,12:N0}"));
}
