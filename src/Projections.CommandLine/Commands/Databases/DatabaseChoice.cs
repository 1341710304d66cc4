using System.CommandLine;
using System.IO.Enumeration;
using Projections.Commands;
using Projections.Hosting.Databases;

namespace Projections.CommandLine.Commands.Databases;

/// <summary>Which databases of the list a command is about.</summary>
internal static class DatabaseChoice
{
    private const int MostNamed = 10;

    public static readonly Option<string[]> Names = new("--database")
    {
        Description = "The database, where the settings name several; * stands for any letters, and it can be given several times. With 'migrate' also the connection string of the service's database.",
        HelpName = "NAME",
        Recursive = true,
    };

    public static readonly Option<bool> All = new("--all-databases") { Description = "All databases that the settings name, one after the other, by name.", Recursive = true };

    /// <summary>Whether somebody says which is meant.</summary>
    public static bool IsGiven(ParseResult arguments) => arguments.GetValue(All) || arguments.GetValue(Names) is { Length: > 0 };

    /// <summary>Whether it is said so that it may be several.</summary>
    public static bool MayBeSeveral(ParseResult arguments) => MayBeSeveral(arguments.GetValue(All), arguments.GetValue(Names)!);

    /// <inheritdoc cref="MayBeSeveral(ParseResult)"/>
    public static bool MayBeSeveral(bool all, IReadOnlyList<string> names) => all || names.Count > 1 || names.Any(name => name.Contains('*', StringComparison.Ordinal) && !IsConnection(name));

    /// <summary>The connection string that is given in place of a name; <c>null</c> where it is none. No name has anything of one in it.</summary>
    public static string? ConnectionIn(ParseResult arguments) =>
        arguments.GetValue(Names) is [var only] && IsConnection(only) ? only : null;

    /// <summary>Those that are meant, by name.</summary>
    /// <exception cref="OperationRefused">None is, or nobody said which.</exception>
    public static IReadOnlyList<DatabaseAddress> Of(ParseResult arguments, IReadOnlyList<DatabaseAddress> list)
    {
        if (!IsGiven(arguments))
        {
            throw new OperationRefused($"Say which database is meant: --database with one of {Named(list)}; or --all-databases.", isMistake: true);
        }

        var patterns = arguments.GetValue(All) ? ["*"] : arguments.GetValue(Names)!;
        if (patterns.FirstOrDefault(pattern => !list.Any(address => Matches(pattern, address))) is { } wrong)
        {
            // A connection string may have a password in it.
            throw new OperationRefused($"{(IsConnection(wrong) ? "A connection string is no database's name" : $"There is no database '{wrong}'")}. There are: {Named(list)}.", isMistake: true);
        }

        return [.. list.Where(address => patterns.Any(pattern => Matches(pattern, address))).OrderBy(address => address.Name, StringComparer.Ordinal)];
    }

    private static bool IsConnection(string name) => name.Contains('=', StringComparison.Ordinal) || name.Contains("://", StringComparison.Ordinal);

    private static bool Matches(string pattern, DatabaseAddress address) => FileSystemName.MatchesSimpleExpression(pattern, address.Name, ignoreCase: false);

    private static string Named(IReadOnlyList<DatabaseAddress> list) => list.Count == 0 ? "none at present"
        : string.Join(", ", list.Select(address => address.Name).Order(StringComparer.Ordinal).Take(MostNamed)) + (list.Count > MostNamed ? $" and {list.Count - MostNamed} more" : "");
}
