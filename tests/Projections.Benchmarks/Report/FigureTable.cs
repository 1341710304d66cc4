namespace Projections.Benchmarks.Report;

/// <summary>Figures as people read them.</summary>
internal static class FigureTable
{
    public static void Print(BenchmarkReport report, BenchmarkReport? before)
    {
        Console.WriteLine();
        Console.WriteLine($"{report.Events:N0} events; {report.Machine}");
        List<string[]> lines = [before is null ? ["measurement", "figure", "value", "unit", "goal", ""] : ["measurement", "figure", "value", "unit", "goal", "", "before", "change"]];
        lines.AddRange(report.Figures.Select(figure => Line(figure, before)));
        var widths = Enumerable.Range(0, lines[0].Length).Select(column => lines.Max(line => line[column].Length)).ToArray();
        foreach (var line in lines)
        {
            Console.WriteLine(string.Join("  ", line.Select((cell, i) => i is 2 or 6 or 7 ? cell.PadLeft(widths[i]) : cell.PadRight(widths[i]))).TrimEnd());
        }
    }

    private static string[] Line(Figure figure, BenchmarkReport? before)
    {
        var met = figure.Met switch { true => "met", false => "MISSED", null => "" };
        string[] line = [figure.Measurement, figure.Name, Figure.Text(figure.Value), figure.Unit, figure.Goal, met];
        if (before is null)
        {
            return line;
        }

        var old = before.Figures.FirstOrDefault(other => other.Measurement == figure.Measurement && other.Name == figure.Name);
        return [.. line, old is null ? "" : Figure.Text(old.Value), old is null || old.Value == 0 ? "" : $"{(figure.Value / old.Value) - 1:+0.0 %;-0.0 %}"];
    }
}
