using System.CommandLine;
using Projections.Commands;
using Projections.Definitions;
using Projections.Reports;
using Command = Projections.Commands.Command;

namespace Projections.CommandLine.Commands;

/// <summary>A verb that changes something of one projection, and so may carry a reason and an id.</summary>
internal abstract class ChangeVerb<TCommand> : Verb, ICommandVerb
    where TCommand : Command, new()
{
    private readonly Option<Guid?> _commandId = CommonOptions.CommandId();
    private readonly CommandOptionSet<TCommand> _options;

    /// <param name="examples">Lines that can be typed as they stand.</param>
    /// <param name="words">What the verb is called here and what it does; as at every door when <c>null</c>.</param>
    /// <param name="otherWords">Properties of the command that it has words of its own for: <see cref="InOtherWords"/>.</param>
    protected ChangeVerb(IReadOnlyList<string> examples, VerbAttribute? words = null, params IReadOnlyCollection<string> otherWords)
        : base((words ?? Words).Name, (words ?? Words).Description, examples)
    {
        Arguments.Add(Subject);
        _options = new CommandOptionSet<TCommand>(otherWords);
        foreach (var option in _options.All)
        {
            Options.Add(option);
        }

        Options.Single(option => option.Name == "--why").Aliases.Add("--reason");
        Options.Add(_commandId);
    }

    /// <summary>What says which projection is meant.</summary>
    protected virtual Argument Subject => Projection;

    private static VerbAttribute Words => VerbAttribute.Of(typeof(TCommand));

    /// <summary>The projection, or the first of several.</summary>
    protected Argument<ProjectionName> Projection { get; } = ProjectionArgument.Required();

    /// <summary>By which id a command is recognised that is given a second time.</summary>
    protected Option<Guid?> CommandId => _commandId;

    /// <summary>Who asks, and by which id.</summary>
    protected CommandContext ContextOf(Invocation call) => new(Caller, call.Arguments.GetValue(_commandId), "command line");

    public Command CommandOf(ParseResult arguments) =>
        CommandOf(arguments, ProjectionOf(arguments));

    /// <summary>What is asked for, with nothing in it that no command may say: that is known before anything is connected to.</summary>
    /// <exception cref="OperationRefused">Something is beyond its limits.</exception>
    protected Command CommandOf(Invocation call) => CommandOf(call, ProjectionOf(call.Arguments));

    /// <inheritdoc cref="CommandOf(Invocation)"/>
    protected Command CommandOf(Invocation call, ProjectionName projection)
    {
        var command = CommandOf(call.Arguments, projection);
        CommandLimits.Refuse(command, ContextOf(call));
        return command;
    }

    protected virtual ProjectionName ProjectionOf(ParseResult arguments) => arguments.GetRequiredValue(Projection);

    /// <summary>Adds what the verb has words of its own for, or makes another command of it.</summary>
    protected virtual Command InOtherWords(TCommand command, ParseResult arguments) => command;

    private Command CommandOf(ParseResult arguments, ProjectionName projection) => InOtherWords(_options.Read(arguments), arguments) with { Projection = projection };

    /// <summary>The answer to a command that is done in one step.</summary>
    protected static int Answer(Invocation call, OperationResult result)
    {
        call.Screen.Answer(OperationReport.Of(result), result.Outcome);
        return ExitCode.Done;
    }
}

/// <summary>A verb that gives a command.</summary>
internal interface ICommandVerb
{
    /// <summary>The command as it was typed.</summary>
    Command CommandOf(ParseResult arguments);
}

/// <summary>A verb that is done in one step.</summary>
internal class StepVerb<TCommand>(IReadOnlyList<string> examples, params IReadOnlyCollection<string> otherWords) : ChangeVerb<TCommand>(examples, null, otherWords)
    where TCommand : Command<OperationResult>, new()
{
    protected override async Task<int> RunAsync(Invocation call, CancellationToken stop)
    {
        var command = (TCommand)CommandOf(call);
        return Answer(call, await command.RunAsync(await call.OpenAsync(stop), ContextOf(call), stop));
    }
}
