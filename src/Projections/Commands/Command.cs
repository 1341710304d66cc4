using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json.Serialization;
using Projections.Catalog;
using Projections.Definitions;

namespace Projections.Commands;

/// <summary>
/// What is asked for, about one projection: the same record at every door, with its defaults and its limits. The command line's options, the body
/// of a request and the fields of a message are its properties.
/// </summary>
public abstract record Command
{
    /// <summary>The projection that it is about.</summary>
    [JsonIgnore]
    public ProjectionName Projection { get; init; }

    /// <summary>The reason, kept in the history; without one when <c>null</c>.</summary>
    [Description("The reason, kept in the history."), Display(Name = "reason"), StringLength(CommandLimits.Reason)]
    public string? Why { get; init; }

    /// <summary>What else it is about, so that whoever gives it must have the right to give it there too.</summary>
    internal virtual IReadOnlyList<ProjectionName> OthersIn(ProjectionRegistry registry) => [];

    internal string Verb => VerbAttribute.Of(GetType()).Name;

    /// <summary>What it is to be done to. Neither the reason nor how to go about it is part of that.</summary>
    private protected virtual FormattableString Arguments => $"";

    /// <summary>By what it is known when it comes again.</summary>
    internal CommandIdentity IdentityOf(CommandContext context) => new(context.CommandId, Verb, FormattableString.Invariant(Arguments), context.From);

    internal Actor ActorOf(CommandContext context) => new(context.Who, string.IsNullOrWhiteSpace(Why) ? null : Why.Trim());
}

/// <summary>A command, and what comes of it.</summary>
public abstract record Command<TResult> : Command
    where TResult : ICommandResult
{
    /// <summary>Carries it out, if nothing in it is beyond what it may say.</summary>
    /// <param name="system">On what.</param>
    /// <param name="context">Who asks.</param>
    /// <param name="cancellationToken">Cancels the command; work that goes on behind it, such as a rebuild, does not end with it.</param>
    /// <exception cref="OperationRefused">It says what no command may say, or cannot be carried out as things are.</exception>
    public Task<TResult> RunAsync(ProjectionSystem system, CommandContext context, CancellationToken cancellationToken)
    {
        CommandLimits.Refuse(this, context);
        return CarryOutAsync(system, context, cancellationToken);
    }

    /// <summary>Carries it out; what is in it was checked, or comes from ourselves.</summary>
    internal abstract Task<TResult> CarryOutAsync(ProjectionSystem system, CommandContext context, CancellationToken cancellationToken);
}

/// <summary>What came of a command.</summary>
public interface ICommandResult
{
    /// <summary>What was done, in a sentence for people.</summary>
    string Outcome { get; }
}

/// <summary>What a command is called, at every door, and what it does.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class VerbAttribute(string name, string description) : Attribute
{
    /// <summary>The verb: <c>rebuild</c>.</summary>
    public string Name => name;

    /// <summary>What it does, for people.</summary>
    public string Description => description;

    public static VerbAttribute Of(Type command) => command.GetCustomAttribute<VerbAttribute>()!;
}
