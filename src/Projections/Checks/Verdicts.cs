namespace Projections.Checks;

/// <summary>The verdicts' names, as they stand in the catalog, in messages and in metrics.</summary>
internal static class Verdicts
{
    public static string Text(this Verdict verdict) => verdict switch
    {
        Verdict.Healthy => "healthy",
        Verdict.Lagging => "lagging",
        Verdict.Stuck => "stuck",
        Verdict.Broken => "broken",
        _ => throw new ArgumentOutOfRangeException(nameof(verdict), verdict, "There is no such verdict."),
    };

    /// <exception cref="FormatException"><paramref name="text"/> names no verdict.</exception>
    public static Verdict Parse(string text) => text switch
    {
        "healthy" => Verdict.Healthy,
        "lagging" => Verdict.Lagging,
        "stuck" => Verdict.Stuck,
        "broken" => Verdict.Broken,
        _ => throw new FormatException($"'{text}' is no verdict."),
    };
}
