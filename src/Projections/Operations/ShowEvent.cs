using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text;
using Projections.Catalog;
using Projections.Commands;
using Projections.Definitions;
using Projections.Events;

namespace Projections.Operations;

/// <summary>Asks for an event that a version stopped at or set aside, with its data.</summary>
[Verb("show-event", "Shows the event that a version stopped at, or one that it set aside, with its data. Who asked stands in the history.")]
internal sealed record ShowEventCommand : Command<ShownEvent>
{
    /// <summary>The version; the only one that stopped at an event when <c>null</c>.</summary>
    [Description("The version, where more than one stopped at an event."), Range(1, int.MaxValue)]
    public int? Version { get; init; }

    /// <summary>The position of an event that was set aside; the one that the version stopped at when <c>null</c>.</summary>
    [Description("The position of an event that was set aside; the one that the version stopped at when left out.")]
    public EventPosition? Position { get; init; }

    private protected override FormattableString Arguments => $"{Version} {Position}";

    internal override Task<ShownEvent> CarryOutAsync(ProjectionSystem system, CommandContext context, CancellationToken cancellationToken) =>
        new ShowEvent(system).RunAsync(this, context, cancellationToken);
}

/// <summary>An event that a version stopped at or set aside.</summary>
/// <param name="Version">The version.</param>
/// <param name="Position">Where the event stands in the source.</param>
/// <param name="Type">Its type's name in the store.</param>
/// <param name="Stream">Its stream.</param>
/// <param name="StreamVersion">Its place in the stream.</param>
/// <param name="Time">When it was stored, in UTC.</param>
/// <param name="Data">Its body; without its values where they are hidden.</param>
/// <param name="DataIsHidden">Whether the values are hidden.</param>
internal sealed record ShownEvent(
    VersionId Version, EventPosition Position, string Type, string Stream, long StreamVersion, DateTime Time, string Data, bool DataIsHidden) : ICommandResult
{
    public string Outcome => $"The event at position {Position}, which {Version} could not handle, was shown with its data.";
}

/// <summary>Finds an event that a version stopped at or set aside. What is in it may be about people: whoever wants to see that asks for it, and the history keeps who did.</summary>
internal sealed class ShowEvent(ProjectionSystem system)
{
    /// <summary>Finds it, and hides the values of its data.</summary>
    /// <exception cref="OperationRefused">No such version stopped at an event, or the event is gone.</exception>
    public async Task<ShownEvent> RunAsync(ProjectionName projection, int? version, CancellationToken cancellationToken) =>
        await FindAsync(projection, version, HiddenData.Of, cancellationToken);

    /// <summary>Finds it, and shows all of it once that is kept.</summary>
    /// <exception cref="OperationRefused">No such version stopped at an event or set it aside, or the event is gone.</exception>
    public async Task<ShownEvent> RunAsync(ShowEventCommand command, CommandContext context, CancellationToken cancellationToken)
    {
        var found = command.Position is { } position
            ? await FindSetAsideAsync(command.Projection, command.Version, position, cancellationToken)
            : await FindAsync(command.Projection, command.Version, Text, cancellationToken);
        var shown = found with { DataIsHidden = false };
        await CatalogCommand.RunAsync(system, command, context, (_, _) => Task.FromResult(new OperationResult(shown.Version, shown.Outcome)), cancellationToken);
        return shown;
    }

    private static string Text(ReadOnlyMemory<byte> data) => Encoding.UTF8.GetString(data.Span);

    /// <summary>A dead letter has its event with it, whatever has become of the source.</summary>
    private async Task<ShownEvent> FindSetAsideAsync(ProjectionName projection, int? number, EventPosition position, CancellationToken cancellationToken)
    {
        await using var connection = await system.ReadModels.OpenConnectionAsync(cancellationToken);
        var snapshot = await system.Catalog.ReadAsync(projection, cancellationToken);
        foreach (var version in snapshot?.Versions.Where(version => number is null || version.Id.Number == number) ?? [])
        {
            if (await DeadLetters.ReadAsync(connection, version.Id, null, 1, cancellationToken, position) is [{ Event: var e }])
            {
                return new ShownEvent(version.Id, position, e.Type, e.Stream, e.StreamVersion, e.Time, Text(e.Data), DataIsHidden: false);
            }
        }

        throw new OperationRefused($"Cannot show the event at position {position}: no version of '{projection}' that is meant has set it aside. 'projections dead-letters {projection}' lists those that there are.", isMistake: true);
    }

    private async Task<ShownEvent> FindAsync(ProjectionName projection, int? number, Func<ReadOnlyMemory<byte>, string> text, CancellationToken cancellationToken)
    {
        var snapshot = await system.Catalog.ReadAsync(projection, cancellationToken);
        var version = CatalogCommand.Choose(projection, snapshot, number, "show the event of", StoppedAtEvent);
        if (!StoppedAtEvent(version))
        {
            throw new OperationRefused($"Cannot show the event of {version.Id}: it is {version.State.Text()}{(version.Failure is { } failure ? $", and did not stop at an event ({failure})" : "")}.");
        }

        var position = version.FailurePosition!.Value;
        // A source reads what it has found to be safe.
        await system.Source.GetSafeHeadAsync(cancellationToken);
        var filter = system.Registry.Find(version.Id)?.Filter ?? EventFilter.All;
        await foreach (var batch in system.Source.ReadAsync(Before(version, position), position, filter, cancellationToken))
        {
            using (batch)
            {
                foreach (var found in batch.Memory.ToArray())
                {
                    if (found.Position == position)
                    {
                        return new ShownEvent(version.Id, position, found.Type, found.Stream.ToString(), found.StreamVersion, found.Time, text(found.Data), DataIsHidden: true);
                    }
                }
            }
        }

        throw new OperationRefused($"Cannot show the event at position {position}: the event source does not have it any more.");
    }

    private static bool StoppedAtEvent(VersionSnapshot version) => version is { Phase: VersionPhase.Failed, FailurePosition: not null };

    /// <summary>From where it is read: what lies between the checkpoint and the event is at most what one commit takes. A late event lies behind the checkpoint.</summary>
    private static EventPosition Before(VersionSnapshot version, EventPosition position) => version.Checkpoint switch
    {
        null => EventPosition.BeforeFirst,
        { } checkpoint when checkpoint < position => checkpoint,
        _ => new EventPosition(position.Major - 1, position.Minor),
    };
}
