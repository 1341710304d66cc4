using System.Globalization;
using System.Text.RegularExpressions;
using Projections.Postgres;

namespace Projections.Migrations.Files;

/// <summary>
/// Reads a file's front matter. A word that is nearly a setting is an error, for a misspelt setting must not be ignored; one that is
/// nothing like it (<c>-- author: ana</c>) is kept as unknown, and the safety check tells it.
/// </summary>
internal static partial class FrontMatterReader
{
    private static readonly string[] Known =
        ["transaction", "tenants", "lock-timeout", "statement-timeout", "concurrently-timeout", "irreversible", "safety", "table", "key", "batch", "pause", "target"];

    /// <exception cref="FrontMatterInvalid">A line has a misspelt word or a value that does not fit.</exception>
    public static FrontMatter Read(string text)
    {
        var matter = new FrontMatter();
        var line = 0;
        foreach (var raw in text.AsSpan().TrimStart('\uFEFF').EnumerateLines())
        {
            line++;
            var trimmed = raw.Trim();
            if (trimmed.IsEmpty)
            {
                continue;
            }

            if (!trimmed.StartsWith("--"))
            {
                break;
            }

            var setting = Setting().Match(trimmed.ToString());
            if (setting.Success)
            {
                matter = Apply(matter, setting.Groups["word"].Value, setting.Groups["value"].Value, line);
            }
        }

        return matter;
    }

    private static FrontMatter Apply(FrontMatter matter, string word, string value, int line) => word switch
    {
        "transaction" => matter with { WithoutTransaction = Choice(word, value, line, "none", "one") },
        "tenants" => matter with { EachTenant = Choice(word, value, line, "each", "none") },
        "lock-timeout" => matter with { LockTimeout = Time(word, value, line) },
        "statement-timeout" => matter with { StatementTimeout = Time(word, value, line) },
        "concurrently-timeout" => matter with { ConcurrentlyTimeout = Time(word, value, line) },
        "irreversible" => matter with { Irreversible = NotEmpty(word, value, line) },
        "safety" => matter with { Allowances = [.. matter.Allowances, Allowance(value, line)] },
        "table" => matter with { Table = NotEmpty(word, value, line) },
        "key" => matter with { Key = NotEmpty(word, value, line) },
        "batch" => matter with { BatchSize = Count(word, value, line) },
        "pause" => matter with { Pause = Time(word, value, line) },
        "target" => matter with { TargetTime = Time(word, value, line) },
        _ when Spelling.Meant(word, Known) is { } meant => throw new FrontMatterInvalid(
            line,
            $"'-- {word}:' is no setting; '{meant}' is one. If the line is prose, begin it with a capital letter."),
        _ => matter with { Unknown = [.. matter.Unknown, new UnknownSetting(word, line)] },
    };

    private static bool Choice(string word, string value, int line, string yes, string no) =>
        value == yes || (value == no
            ? false
            : throw new FrontMatterInvalid(line, $"'-- {word}: {value}' is not understood. Write '{yes}' or '{no}'."));

    private static string NotEmpty(string word, string value, int line) => value.Length > 0
        ? value
        : throw new FrontMatterInvalid(line, $"'-- {word}:' has no value.");

    private static int Count(string word, string value, int line) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0
            ? count
            : throw new FrontMatterInvalid(line, $"'-- {word}: {value}' is not a number above 0.");

    private static TimeSpan Time(string word, string value, int line)
    {
        var time = Duration().Match(value);
        if (!time.Success || !long.TryParse(time.Groups["count"].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count > 1_000_000_000)
        {
            throw new FrontMatterInvalid(line, $"'-- {word}: {value}' is not a time. Write it as 500ms, 2s, 10min or 1h; 0 means without limit.");
        }

        return time.Groups["unit"].Value switch
        {
            "" when count == 0 => TimeSpan.Zero,
            "ms" => TimeSpan.FromMilliseconds(count),
            "s" => TimeSpan.FromSeconds(count),
            "min" => TimeSpan.FromMinutes(count),
            "h" => TimeSpan.FromHours(count),
            _ => throw new FrontMatterInvalid(line, $"'-- {word}: {value}' lacks a unit. Write ms, s, min or h behind the number."),
        };
    }

    private static SafetyAllowance Allowance(string value, int line)
    {
        var allowance = Allow().Match(value);
        return allowance.Success
            ? new SafetyAllowance(allowance.Groups["rule"].Value, allowance.Groups["reason"].Value.Trim(), line)
            : throw new FrontMatterInvalid(line, $"'-- safety: {value}' is not understood. Write '-- safety: allow rule-id \"the reason\"'; the reason is required.");
    }

    [GeneratedRegex(@"^--\s*(?<word>[a-z][a-z-]*):\s*(?<value>.*?)\s*$", RegexOptions.CultureInvariant)]
    private static partial Regex Setting();

    [GeneratedRegex(@"^(?<count>\d+)\s*(?<unit>[a-z]*)$", RegexOptions.CultureInvariant)]
    private static partial Regex Duration();

    [GeneratedRegex("""^allow\s+(?<rule>[a-z][a-z-]*)\s+"(?<reason>[^"]*\S[^"]*)"$""", RegexOptions.CultureInvariant)]
    private static partial Regex Allow();
}
