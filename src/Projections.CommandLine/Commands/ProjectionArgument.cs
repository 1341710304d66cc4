using System.CommandLine;
using Projections.Definitions;

namespace Projections.CommandLine.Commands;

/// <summary>The projection that a command is about.</summary>
internal static class ProjectionArgument
{
    public static Argument<ProjectionName> Required() => new("NAME") { Description = "The projection.", CustomParser = Parse };

    public static Argument<ProjectionName?> Optional() => new("NAME")
    {
        Description = "The projection; all of them when left out.",
        Arity = ArgumentArity.ZeroOrOne,
        CustomParser = result => Parse(result),
    };

    /// <summary>Further ones behind the first.</summary>
    public static Argument<ProjectionName[]> Others(string description) => new("MORE")
    {
        Description = description,
        Arity = ArgumentArity.ZeroOrMore,
        CustomParser = result => [.. result.Tokens.Select(token => Parse(result, token.Value))],
    };

    private static ProjectionName Parse(System.CommandLine.Parsing.ArgumentResult result) => Parse(result, result.Tokens[0].Value);

    private static ProjectionName Parse(System.CommandLine.Parsing.ArgumentResult result, string name)
    {
        try
        {
            return new ProjectionName(name);
        }
        catch (FormatException exception)
        {
            result.AddError(exception.Message);
            return default;
        }
    }
}
