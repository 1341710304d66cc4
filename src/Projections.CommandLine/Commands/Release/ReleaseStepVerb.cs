using System.CommandLine;
using Projections.Commands;
using Projections.Definitions;
using Projections.Switching;
using Command = Projections.Commands.Command;

namespace Projections.CommandLine.Commands.Release;

/// <summary>A step of <c>release</c>: one command about all that a file names.</summary>
/// <param name="words">What it is called and does.</param>
/// <param name="examples">Lines that can be typed as they stand.</param>
/// <param name="name">Says the versions; their first is of the command's own projection.</param>
/// <param name="otherWords">The properties of the command that are said so.</param>
internal sealed class ReleaseStepVerb<TCommand>(
    VerbAttribute words, IReadOnlyList<string> examples, Func<TCommand, IReadOnlyList<VersionId>, TCommand> name, params IReadOnlyCollection<string> otherWords)
    : SwitchingVerb<TCommand>(examples, words, otherWords)
    where TCommand : SwitchingCommand, new()
{
    private readonly Argument<Lazy<IReadOnlyList<VersionId>>> _file = ReleaseFile.Argument();

    protected override Argument Subject => _file;

    protected override ProjectionName ProjectionOf(ParseResult arguments) => VersionsOf(arguments)[0].Projection;

    protected override Command InOtherWords(TCommand command, ParseResult arguments) => name(command, VersionsOf(arguments));

    private IReadOnlyList<VersionId> VersionsOf(ParseResult arguments) => arguments.GetRequiredValue(_file).Value;
}
