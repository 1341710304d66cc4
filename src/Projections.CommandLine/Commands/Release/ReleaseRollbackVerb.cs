using System.CommandLine;
using Projections.Commands;
using Projections.Definitions;
using Projections.Operations;
using Command = Projections.Commands.Command;

namespace Projections.CommandLine.Commands.Release;

/// <summary><c>release rollback</c>: a rollback of all that the file names.</summary>
internal sealed class ReleaseRollbackVerb() : RollbackVerb(
    ["projections release rollback shop.yaml --why \"report X reads a column that is gone\""],
    new VerbAttribute("rollback", "Moves reads back from the versions that the file names to those that were live before: all in one transaction, or none."),
    nameof(RollbackCommand.From), nameof(RollbackCommand.With))
{
    private readonly Argument<string> _file = ReleaseFile.Argument();

    protected override Argument Subject => _file;

    protected override ProjectionName ProjectionOf(ParseResult arguments) => ReleaseFile.Read(arguments.GetRequiredValue(_file))[0].Projection;

    protected override Command InOtherWords(RollbackCommand command, ParseResult arguments)
    {
        var versions = ReleaseFile.Read(arguments.GetRequiredValue(_file));
        return command with { From = versions[0].Number, With = [.. versions.Skip(1).Select(version => version.InOneWord)] };
    }
}
