using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Npgsql;
using Projections.Catalog;
using Projections.Catalog.Reactions;
using Projections.Commands;
using Projections.Definitions;
using Projections.Events;
using Projections.Postgres;

namespace Projections.Operations;

/// <summary>Changes what becomes of a projection's reactions.</summary>
public abstract record ReactionsCommand : Command<OperationResult>
{
    /// <summary>The reaction's name; all of the projection's when <c>null</c>.</summary>
    [Description("The reaction's name; all of the projection's when left out."), StringLength(CommandLimits.Name)]
    public string? Reaction { get; init; }

    private protected override FormattableString Arguments => $"{Reaction}";
}

/// <summary>Starts reactions: the events that follow have their messages.</summary>
[Verb("reactions", "Starts a projection's reactions: the events that follow have their messages.")]
public sealed record StartReactionsCommand : ReactionsCommand
{
    /// <summary>The position behind which events have messages; where the projection's versions are now when <c>null</c>. Not an earlier one.</summary>
    [Description("The position behind which events have messages; where the projection's versions are now when left out.")]
    public EventPosition? From { get; init; }

    private protected override FormattableString Arguments => $"start {Reaction} {From}";

    internal override Task<OperationResult> CarryOutAsync(ProjectionSystem system, CommandContext context, CancellationToken cancellationToken) =>
        new ChangeReactions(system).StartAsync(this, context, cancellationToken);
}

/// <summary>Ends reactions: the events that follow have no messages. Those that wait are passed on all the same.</summary>
[Verb("reactions", "Ends a projection's reactions: the events that follow have no messages. Those that wait are passed on all the same.")]
public sealed record StopReactionsCommand : ReactionsCommand
{
    private protected override FormattableString Arguments => $"stop {Reaction}";

    internal override Task<OperationResult> CarryOutAsync(ProjectionSystem system, CommandContext context, CancellationToken cancellationToken) =>
        new ChangeReactions(system).StopAsync(this, context, cancellationToken);
}

/// <summary>Decides what becomes of events that reactions could not react to.</summary>
public abstract record ReactionLettersCommand : ReactionsCommand
{
    /// <summary>The position of one event; all that wait when <c>null</c>.</summary>
    [Description("The position of one event; all that wait when left out.")]
    public EventPosition? Position { get; init; }
}

/// <summary>Has reactions try once more what they could not react to, with the rows as they were then.</summary>
[Verb("reactions", "Has a projection's reactions try once more what they could not react to, with the rows as they were then.")]
public sealed record RetryReactionsCommand : ReactionLettersCommand
{
    private protected override FormattableString Arguments => $"retry {Reaction} {Position}";

    internal override Task<OperationResult> CarryOutAsync(ProjectionSystem system, CommandContext context, CancellationToken cancellationToken) =>
        new ReactAgain(system).RunAsync(this, context, cancellationToken);
}

/// <summary>Decides that events which reactions could not react to are to have no messages. They stay listed, with who decided it and why.</summary>
[Verb("reactions", "Decides that events which a projection's reactions could not react to are to have no messages; they stay listed, with who decided it and why.")]
public sealed record DiscardReactionsCommand : ReactionLettersCommand
{
    private protected override FormattableString Arguments => $"discard {Reaction} {Position}";

    internal override Task<OperationResult> CarryOutAsync(ProjectionSystem system, CommandContext context, CancellationToken cancellationToken) =>
        CatalogCommand.RunAsync(
            system,
            this,
            context,
            async (connection, snapshot) =>
            {
                var count = await ReactionLetters.DiscardAsync(connection, Projection, Reaction, Position, ActorOf(context), cancellationToken);
                return new OperationResult(
                    new VersionId(Projection, snapshot?.LiveVersion ?? 0),
                    string.Create(CultureInfo.InvariantCulture, $"{count} {(count == 1 ? "event" : "events")} that reactions of '{Projection}' could not react to will have no messages."),
                    AlreadyDone: count == 0);
            },
            cancellationToken);
}

/// <summary>Starts and ends reactions, in one transaction with the proof that no version's rows were folded beyond that without them.</summary>
internal sealed class ChangeReactions(ProjectionSystem system)
{
    /// <exception cref="OperationRefused">There is no such reaction, nothing is live, the live version does not fit, or it is to start in the past.</exception>
    public Task<OperationResult> StartAsync(StartReactionsCommand command, CommandContext context, CancellationToken cancellationToken) =>
        CatalogCommand.RunAsync(system, command, context, (connection, snapshot) => StartAsync(connection, snapshot, command, context, cancellationToken), cancellationToken);

    /// <exception cref="OperationRefused">There is no such reaction.</exception>
    public Task<OperationResult> StopAsync(StopReactionsCommand command, CommandContext context, CancellationToken cancellationToken) =>
        CatalogCommand.RunAsync(system, command, context, (connection, snapshot) => StopAsync(connection, snapshot, command, context, cancellationToken), cancellationToken);

    private async Task<OperationResult> StartAsync(
        NpgsqlConnection connection, ProjectionSnapshot? snapshot, StartReactionsCommand command, CommandContext context, CancellationToken cancellationToken)
    {
        var declared = Declared(command, "start");
        if (snapshot?.Live is not { External: false } live)
        {
            throw new OperationRefused($"Cannot start reactions of '{command.Projection}': {(snapshot?.Live is null ? "no version of it is live" : "another program writes what is live")}. Switch to a version first.");
        }

        var misfits = system.Registry.Find(live.Id) is { } definition
            ? declared.SelectMany(reaction => reaction.MisfitsOf(definition)).ToList()
            : [$"{live.Id} is live, and {system.Registry.WhyMissing(live.Id)}"];
        if (misfits.Count > 0)
        {
            throw new OperationRefused($"Cannot start reactions of '{command.Projection}': {string.Join(" ", misfits)}");
        }

        var states = (await ReactionState.ReadAsync(connection, command.Projection, cancellationToken)).Where(state => state.IsOn).Select(state => state.Name).ToHashSet();
        var names = declared.Select(reaction => reaction.Name).Except(states).ToList();
        if (names.Count == 0)
        {
            return new OperationResult(live.Id, $"The reactions of '{command.Projection}' are on already.", AlreadyDone: true);
        }

        // From here on nobody commits rows that were folded without them; up to here nobody has folded with them.
        var now = await FoldFence.RaiseAsync(connection, command.Projection, cancellationToken);
        if (command.From < now)
        {
            throw new OperationRefused(
                $"Cannot start reactions of '{command.Projection}' at {command.From}: its versions have passed {now}, and what their rows were before and after an event of the past is known no more. Start them now ('--from' left out), and let a program of its own make up for the past.");
        }

        var since = command.From ?? now;
        foreach (var name in names)
        {
            await ReactionHandover.ForgetAsync(connection, command.Projection, cancellationToken);
            await connection.ExecuteAsync(
                """
                insert into projections.reaction (projection, name, is_on, since_major, since_minor, position_major, position_minor, changed_by)
                values ($1, $2, true, $3, $4, $3, $4, $5)
                on conflict (projection, name) do update
                set is_on = true, since_major = $3, since_minor = $4, position_major = $3, position_minor = $4, changed_by = $5, changed_at = clock_timestamp()
                """,
                cancellationToken,
                command.Projection.Value, name, since.Major, since.Minor, context.Who);
        }

        return new OperationResult(live.Id, $"{Names(command.Projection, names)} from position {since} on.");
    }

    private async Task<OperationResult> StopAsync(
        NpgsqlConnection connection, ProjectionSnapshot? snapshot, StopReactionsCommand command, CommandContext context, CancellationToken cancellationToken)
    {
        var known = await ReactionState.ReadAsync(connection, command.Projection, cancellationToken);
        if (command.Reaction is { } wanted && known.All(state => state.Name != wanted))
        {
            _ = Declared(command, "stop");
        }

        var version = new VersionId(command.Projection, snapshot?.LiveVersion ?? 0);
        var names = known.Where(state => state.IsOn && (command.Reaction is null || state.Name == command.Reaction)).Select(state => state.Name).ToList();
        if (names.Count == 0)
        {
            return new OperationResult(version, $"No such reaction of '{command.Projection}' is on.", AlreadyDone: true);
        }

        var now = await FoldFence.RaiseAsync(connection, command.Projection, cancellationToken);
        await connection.ExecuteAsync(
            "update projections.reaction set is_on = false, changed_by = $3, changed_at = clock_timestamp() where projection = $1 and name = any($2)",
            cancellationToken,
            command.Projection.Value, names.ToArray(), context.Who);
        await ReactionHandover.ForgetAsync(connection, command.Projection, cancellationToken);
        return new OperationResult(version, $"{Names(command.Projection, names)} no more, behind position {now}. Messages that wait are passed on all the same.");
    }

    private List<Reaction> Declared(ReactionsCommand command, string verb)
    {
        var declared = system.Registry.ReactionsOf(command.Projection).Where(reaction => command.Reaction is null || reaction.Name == command.Reaction).ToList();
        return declared.Count > 0
            ? declared
            : throw new OperationRefused(
                $"Cannot {verb} {(command.Reaction is { } name ? $"the reaction '{name}'" : "reactions")} of '{command.Projection}': this program has none such.{string.Concat(system.Registry.Unattributed.Select(error => $" {error}"))}",
                isMistake: true);
    }

    private static string Names(ProjectionName projection, List<string> names) =>
        string.Create(CultureInfo.InvariantCulture, $"{string.Join(", ", names)} {(names.Count == 1 ? "reacts" : "react")} to events of '{projection}'");
}
