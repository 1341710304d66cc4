using System.CommandLine;
using Projections.Catalog;
using Projections.Commands;
using Projections.Definitions;

namespace Projections.CommandLine.Commands;

/// <summary>A command that changes something of one projection, and so may carry a reason and an id.</summary>
internal abstract class ChangeVerb : Verb
{
    private readonly Argument<ProjectionName> _projection = ProjectionArgument.Required();
    private readonly Option<string?> _why = CommonOptions.Why();
    private readonly Option<Guid?> _commandId = CommonOptions.CommandId();

    protected ChangeVerb(string name, string description, params IReadOnlyList<string> examples)
        : base(name, description, examples)
    {
        Arguments.Add(_projection);
        Options.Add(_why);
        Options.Add(_commandId);
    }

    protected ProjectionName ProjectionOf(Invocation call) => call.Arguments.GetRequiredValue(_projection);

    /// <summary>Who asks, why, and by which id.</summary>
    protected CommandContext ContextOf(Invocation call) => new(
        new Actor($"{Environment.UserName}@{Environment.MachineName}", call.Arguments.GetValue(_why)), call.Arguments.GetValue(_commandId));
}
