using System.Globalization;
using Npgsql;
using Projections.Catalog;
using Projections.Catalog.Reactions;
using Projections.Commands;
using Projections.Definitions;
using Projections.Events;

namespace Projections.Operations;

/// <summary>Tries once more what reactions could not react to. Nothing is folded for it: event and rows were kept.</summary>
internal sealed class ReactAgain(ProjectionSystem system)
{
    private const int AtOnce = 1_000;

    /// <exception cref="OperationRefused">The catalog does not have the projection.</exception>
    public Task<OperationResult> RunAsync(RetryReactionsCommand command, CommandContext context, CancellationToken cancellationToken) =>
        CatalogCommand.RunAsync(
            system,
            command,
            context,
            async (connection, snapshot) =>
            {
                var version = new VersionId(command.Projection, snapshot?.LiveVersion ?? 0);
                var letters = await ReactionLetters.ReadWaitingAsync(connection, command.Projection, command.Reaction, command.Position, AtOnce, cancellationToken);
                var done = 0;
                foreach (var letter in letters)
                {
                    done += await TryAsync(connection, command.Projection, letter, cancellationToken) ? 1 : 0;
                }

                return new OperationResult(
                    version,
                    string.Create(CultureInfo.InvariantCulture, $"{done} of {letters.Count} {(letters.Count == 1 ? "event that" : "events that")} reactions of '{command.Projection}' could not react to {(done == 1 ? "has its" : "have their")} messages now."),
                    AlreadyDone: letters.Count == 0);
            },
            cancellationToken);

    private async Task<bool> TryAsync(NpgsqlConnection connection, ProjectionName projection, ReactionLetter letter, CancellationToken cancellationToken)
    {
        var e = letter.Event;
        var recorded = new RecordedEvent
        {
            Position = e.Position,
            Stream = new StreamId(e.Stream),
            StreamVersion = e.StreamVersion,
            Type = e.Type,
            Data = e.Data,
            Metadata = e.Metadata,
            Time = e.Time,
            Tenant = e.Tenant,
        };
        try
        {
            var reaction = system.Registry.FindReaction(projection, letter.Reaction) ?? throw new InvalidOperationException("this program has no such reaction.");
            var messages = reaction.ReactAgain(recorded, letter.Before, letter.After);
            await ReactionLetters.ResolveAsync(connection, reaction, letter, messages, cancellationToken);
            return true;
        }
        catch (Exception error) when (error is not (OutOfMemoryException or OperationCanceledException or NpgsqlException))
        {
            await ReactionLetters.FailAgainAsync(connection, projection, letter, $"{error.GetType().Name}: {error.Message}", cancellationToken);
            return false;
        }
    }
}
