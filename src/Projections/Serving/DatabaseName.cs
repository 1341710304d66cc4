using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace Projections.Serving;

/// <summary>
/// How one of a program's databases is called: letters, digits, hyphens, underscores and points, beginning with a letter or a digit, at most 63. So it needs no quotes
/// on a command line, in a URL or in a connection string.
/// </summary>
internal static partial class DatabaseName
{
    public static bool IsValid([NotNullWhen(true)] string? value) => value is not null && Shape().IsMatch(value);

    /// <summary>What a name has to be like, for an error about one that is not.</summary>
    public const string Expected = "letters, digits, '-', '_' and '.', beginning with a letter or a digit, and no more than 63 of them";

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$", RegexOptions.CultureInvariant)]
    private static partial Regex Shape();
}
