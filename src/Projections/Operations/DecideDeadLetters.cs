using System.ComponentModel;
using System.Globalization;
using Projections.Catalog;
using Projections.Commands;
using Projections.Events;

namespace Projections.Operations;

/// <summary>Decides on dead letters that wait.</summary>
public abstract record DeadLettersCommand : VersionCommand
{
    /// <summary>The position of one event; all that wait when <c>null</c>.</summary>
    [Description("The position of one event; all that wait when left out.")]
    public EventPosition? Position { get; init; }

    internal abstract DeadLetterStatus Decision { get; }

    internal abstract string Done { get; }

    private protected override FormattableString Arguments => $"{Decision} {Version} {Position}";

    internal override Task<OperationResult> CarryOutAsync(ProjectionSystem system, CommandContext context, CancellationToken cancellationToken) =>
        new DecideDeadLetters(system).RunAsync(this, context, cancellationToken);
}

/// <summary>Has waiting dead letters folded once more, by whoever follows the version, at the version's present state.</summary>
[Verb("dead-letters", "Has waiting dead letters folded once more.")]
public sealed record RetryDeadLettersCommand : DeadLettersCommand
{
    internal override DeadLetterStatus Decision => DeadLetterStatus.Retry;

    internal override string Done => "will be retried";
}

/// <summary>Decides that waiting dead letters do not count. They stay listed.</summary>
[Verb("dead-letters", "Decides that waiting dead letters do not count; they stay listed.")]
public sealed record DiscardDeadLettersCommand : DeadLettersCommand
{
    internal override DeadLetterStatus Decision => DeadLetterStatus.Discarded;

    internal override string Done => "discarded";
}

/// <summary>Writes down what is to become of dead letters: of the live version's, where no other is named.</summary>
internal sealed class DecideDeadLetters(ProjectionSystem system)
{
    /// <exception cref="OperationRefused">There is no such version.</exception>
    public Task<OperationResult> RunAsync(DeadLettersCommand command, CommandContext context, CancellationToken cancellationToken) =>
        CatalogCommand.RunAsync(
            system,
            command,
            context,
            async (connection, snapshot) =>
            {
                var chosen = CatalogCommand.Choose(
                    command.Projection, snapshot, command.Version ?? snapshot?.LiveVersion, "decide on the dead letters of", candidate => candidate.State != VersionState.Retired);
                var count = await DeadLetters.DecideAsync(connection, chosen.Id, command.Position, command.Decision, command.ActorOf(context), cancellationToken);
                return new OperationResult(
                    chosen.Id,
                    string.Create(CultureInfo.InvariantCulture, $"{count} dead letter{(count == 1 ? "" : "s")} of {chosen.Id} {command.Done}."),
                    AlreadyDone: count == 0);
            },
            cancellationToken);
}
