using System.Diagnostics.CodeAnalysis;
using System.IO.Enumeration;
using System.Reflection;
using Projections.Commands;

namespace Projections.Web.Security;

/// <summary>The right to give some commands, about some projections: <c>switch, rollback invoice_*</c>.</summary>
public sealed record CommandRight
{
    private const string Any = "*";

    private static readonly HashSet<string> Known =
        [.. typeof(Command).Assembly.GetTypes().Select(type => type.GetCustomAttribute<VerbAttribute>()?.Name).OfType<string>()];

    private readonly HashSet<string> _verbs;
    private readonly string _pattern;

    private CommandRight(HashSet<string> verbs, string pattern) => (_verbs, _pattern) = (verbs, pattern);

    /// <summary>All commands that there are.</summary>
    internal static IReadOnlyCollection<string> Verbs => Known;

    /// <summary>The right to everything.</summary>
    public static CommandRight Everything { get; } = new([Any], Any);

    /// <summary>Reads the verbs, with commas between or <c>*</c>, and behind them the name of a projection, in which <c>*</c> stands for any letters.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out CommandRight? right)
    {
        var words = text.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        right = words.Length < 2 ? null : new CommandRight(words[..^1].ToHashSet(), words[^1]);
        if (right?._verbs.All(verb => verb == Any || Known.Contains(verb)) != true)
        {
            right = null;
        }

        return right is not null;
    }

    public bool Allows(string verb, string projection) =>
        (_verbs.Contains(verb) || _verbs.Contains(Any)) && FileSystemName.MatchesSimpleExpression(_pattern, projection, ignoreCase: false);

    public override string ToString() => $"{string.Join(", ", _verbs)} {_pattern}";
}
