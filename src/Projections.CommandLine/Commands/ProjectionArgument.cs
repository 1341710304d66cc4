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

    private static ProjectionName Parse(System.CommandLine.Parsing.ArgumentResult result)
    {
        try
        {
            return new ProjectionName(result.Tokens[0].Value);
        }
        catch (FormatException exception)
        {
            result.AddError(exception.Message);
            return default;
        }
    }
}
