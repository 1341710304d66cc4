using System.CommandLine;
using Projections.Commands;
using Projections.Definitions;
using Projections.Operations;
using Command = Projections.Commands.Command;

namespace Projections.CommandLine.Commands.Release;

/// <summary><c>release apply</c>: a switch of all that the file names.</summary>
internal sealed class ReleaseApplyVerb() : SwitchVerb(
    ["projections release apply shop.yaml --why \"the new basket\"", "projections release apply shop.yaml --require-verified"],
    new VerbAttribute("apply", "Moves reads to the versions that the file names, once every gate of each is open: all in one transaction, or none."),
    nameof(SwitchCommand.To), nameof(SwitchCommand.With))
{
    private readonly Argument<string> _file = ReleaseFile.Argument();

    protected override Argument Subject => _file;

    protected override ProjectionName ProjectionOf(ParseResult arguments) => ReleaseFile.Read(arguments.GetRequiredValue(_file))[0].Projection;

    protected override Command InOtherWords(SwitchCommand command, ParseResult arguments)
    {
        var versions = ReleaseFile.Read(arguments.GetRequiredValue(_file));
        return command with { To = versions[0].Number, With = [.. versions.Skip(1).Select(version => version.InOneWord)] };
    }
}
