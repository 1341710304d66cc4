using System.Globalization;
using System.Text;
using Projections.Definitions;
using Projections.Events;
using Projections.Tables;
using Projections.Testing.Folding;
using Projections.Testing.Orders;

namespace Projections.Testing.Reports;

/// <summary>Writes what is wrong with a spec so that nobody has to look for it: what was given, expected and found.</summary>
internal sealed class SpecReport(ProjectionVersion version, IReadOnlyList<RecordedEvent> given, IReadOnlyList<string> columns)
{
    private const int MostRows = 10;

    public ProjectionSpecFailed Unsound(IReadOnlyList<string> problems) => new($"{version.Id} is not declared soundly.\n{string.Join("\n", problems.Select(problem => $"  - {problem}"))}");

    public ProjectionSpecFailed NeedsPostgres() => new($"{version.Id} is made of SQL statements, which only a database can run. Say InPostgres() before what is expected.");

    public ProjectionSpecFailed Broken(Exception error) => new($"{version.Id} could not be run: {error.GetBaseException().Message}{Given()}", error);

    public ProjectionSpecFailed Missing(string key, IReadOnlyList<FoundRow> rows) => new($"{version.Id}: there is no row {key}.{Given()}{Found(rows)}");

    public ProjectionSpecFailed Unexpected(IReadOnlyList<FoundRow> rows) => new(
        $"{version.Id}: {(rows.Count == 1 ? $"there is a row {rows[0].Key}, which is not expected" : $"there are {rows.Count} rows that are not expected")}.{Given()}{Found(rows)}");

    public ProjectionSpecFailed Unmet(FoundRow row, Exception unmet) => new($"{version.Id}: the row {row.Key} is not as expected.\n\nexpected\n{Indent(unmet.Message)}{Given()}{Found([row])}", unmet);

    public ProjectionSpecFailed Unmet(IReadOnlyList<FoundRow> rows, Exception unmet) => new($"{version.Id}: the rows are not as expected.\n\nexpected\n{Indent(unmet.Message)}{Given()}{Found(rows)}", unmet);

    public ProjectionSpecFailed Different(FoundRow expected, FoundRow found) => new(
        $"{version.Id}: the row {found.Key} is not as expected.\n\n{SideBySide("expected", expected, "found", found)}{Given()}");

    public ProjectionSpecFailed Failed(SetAsideEvent failure) => new(
        $"{version.Id}: event {Number(failure)} '{failure.Type}' cannot be {Verb(failure)}: {failure.Error}\nIf that is meant, say ThenFails(\"...\") before what is expected of rows.{Given()}");

    public ProjectionSpecFailed NotFailed(IReadOnlyList<SetAsideEvent> failures) => new(
        $"{version.Id}: {(failures.Count == 0 ? "an event should fail, but all could be folded" : $"another event should fail, but only {failures.Count} did")}.{Given()}");

    public ProjectionSpecFailed FailedOtherwise(SetAsideEvent failure, string because) => new(
        $"{version.Id}: event {Number(failure)} '{failure.Type}' fails for another reason than expected.\n\nexpected\n{Indent($"…{because}…")}\n\nfound\n{Indent(failure.Error)}{Given()}");

    public ProjectionSpecFailed FailedOtherwise(SetAsideEvent failure, Exception unmet) => new(
        $"{version.Id}: event {Number(failure)} '{failure.Type}' does not fail as expected.\n\nexpected\n{Indent(unmet.Message)}\n\nfound\n{Indent($"{failure.Stage}: {failure.Error}")}{Given()}", unmet);

    /// <summary>Rows depend on how the events were folded.</summary>
    public ProjectionSpecFailed DependsOnOrder(OrderFault fault, int seed)
    {
        var (tried, difference) = (fault.Case, fault.Difference);
        var story = OrderStory.Of(tried.Course);
        var what = difference.Key is null ? "which events fail" : $"the row {difference.Key}";
        var report = new StringBuilder($"{version.Id}: {what} {(difference.Key is null ? "depends on more than the events, and comes" : "depends on more than its events: it comes")} out otherwise {story.When}.\n{story.Hint}\n\n");
        report.Append(CultureInfo.InvariantCulture, $"the shortest case ({tried.Given.Count} of {given.Count} events, seed {seed})\n");
        report.Append(EventLines.Of(tried)).Append('\n');
        report.Append(difference.Key is null
            ? $"in the order given\n{Failures(difference.FailuresBefore)}\n\n{story.Heading}\n{Failures(difference.FailuresAfter)}"
            : SideBySide("in the order given", difference.Before, story.Heading, difference.After));
        return new ProjectionSpecFailed(report.ToString());
    }

    private string SideBySide(string leftName, FoundRow? left, string rightName, FoundRow? right)
    {
        if (left is null || right is null)
        {
            return $"{leftName}\n{(left is null ? "  there is no row" : Row(left))}\n\n{rightName}\n{(right is null ? "  there is no row" : Row(right))}";
        }

        var width = columns.Max(column => column.Length);
        var leftWidth = Math.Max(leftName.Length, left.Columns.Max(value => value.Length));
        var text = new StringBuilder().Append(' ', width + 4).Append(leftName.PadRight(leftWidth)).Append("  ").Append(rightName);
        for (var i = 0; i < columns.Count; i++)
        {
            var mark = left.Columns[i] == right.Columns[i] ? ' ' : '!';
            text.Append('\n').Append(mark).Append(' ').Append(columns[i].PadRight(width)).Append("  ").Append(left.Columns[i].PadRight(leftWidth)).Append("  ").Append(right.Columns[i]);
        }

        return text.ToString();
    }

    private string Found(IReadOnlyList<FoundRow> rows)
    {
        var shown = rows.Take(MostRows).Select(Row).DefaultIfEmpty("  no rows");
        return $"\n\nfound\n{string.Join("\n\n", shown)}{(rows.Count > MostRows ? $"\n  and {rows.Count - MostRows} more" : "")}";
    }

    private string Row(FoundRow row)
    {
        var width = columns.Max(column => column.Length);
        return string.Join('\n', row.Columns.Select((value, i) => $"  {columns[i].PadRight(width)}  {value}"));
    }

    private string Given() => given.Count == 0 ? "\n\ngiven\n  no events" : $"\n\ngiven\n{EventLines.Of(given)}".TrimEnd('\n');

    private static string Failures(IReadOnlyList<string> failures) => failures.Count == 0 ? "  all events can be folded" : string.Join('\n', failures.Select(failure => $"  {failure}"));

    private static string Indent(string text) => string.Join('\n', text.ReplaceLineEndings("\n").Trim('\n').Split('\n').Select(line => $"  {line}"));

    private static string Number(SetAsideEvent failure) => failure.Position.Major.ToString(CultureInfo.InvariantCulture);

    private static string Verb(SetAsideEvent failure) => failure.Stage == PoisonStage.Decode ? "decoded" : "folded";
}
