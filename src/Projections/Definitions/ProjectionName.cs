using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace Projections.Definitions;

/// <summary>
/// A projection's name: small letters, digits and underscores, beginning with a letter, at most 50 characters, so that
/// the table of any of its versions has a name that PostgreSQL does not cut and that needs no quotes in <c>psql</c>.
/// </summary>
public readonly partial record struct ProjectionName
{
    private readonly string? _value;

    /// <exception cref="FormatException"><paramref name="value"/> is no projection name.</exception>
    public ProjectionName(string value) =>
        _value = IsValid(value)
            ? value
            : throw new FormatException(
                $"'{Shown(value)}' cannot be the name of a projection. Use small letters, digits and underscores, begin with a letter, and stay within 50 characters, such as 'invoice_summary'.");

    /// <exception cref="InvalidOperationException">The value was made by <c>default</c>.</exception>
    public string Value => _value ?? throw new InvalidOperationException("A projection name was never given.");

    public static bool IsValid([NotNullWhen(true)] string? value) => value is not null && Shape().IsMatch(value);

    public override string ToString() => Value;

    /// <summary>So much of what is no name as can stand in a line of a log, whoever sent it.</summary>
    private static string Shown(string? text) => new([.. (text ?? "").Take(60).Select(letter => char.IsControl(letter) ? '?' : letter)]);

    [GeneratedRegex("^[a-z][a-z0-9_]{0,49}$", RegexOptions.CultureInvariant)]
    private static partial Regex Shape();
}
