using System.Globalization;
using System.Text.Json.Serialization;

namespace Projections.Benchmarks.Report;

/// <summary>Something that was measured.</summary>
/// <param name="Measurement">Which measurement it belongs to.</param>
/// <param name="Name">What it is.</param>
/// <param name="Value">The median, where there were rounds.</param>
/// <param name="Unit">The value's unit.</param>
/// <param name="AtLeast">The goal, where more is better.</param>
/// <param name="AtMost">The goal, where less is better.</param>
/// <param name="Rounds">The value of each round.</param>
internal sealed record Figure(
    string Measurement,
    string Name,
    double Value,
    string Unit,
    double? AtLeast = null,
    double? AtMost = null,
    IReadOnlyList<double>? Rounds = null)
{
    /// <summary>The middle one of several rounds.</summary>
    public static Figure Median(string measurement, string name, IReadOnlyList<double> rounds, string unit, double? atLeast = null, double? atMost = null) =>
        new(measurement, name, Middle(rounds), unit, atLeast, atMost, rounds);

    public static double Middle(IReadOnlyList<double> values) => values.Order().ElementAt(values.Count / 2);

    [JsonIgnore]
    public string Goal => AtLeast is { } least ? $"≥ {Text(least)}" : AtMost is { } most ? $"≤ {Text(most)}" : "";

    /// <summary>Whether the goal is met; <c>null</c> without a goal.</summary>
    public bool? Met => AtLeast is { } least ? Value >= least : AtMost is { } most ? Value <= most : null;

    public static string Text(double value) => Math.Abs(value) >= 1000
        ? value.ToString("N0", CultureInfo.InvariantCulture)
        : value.ToString(Math.Abs(value) >= 100 ? "0" : Math.Abs(value) >= 10 ? "0.0" : "0.00", CultureInfo.InvariantCulture);
}
