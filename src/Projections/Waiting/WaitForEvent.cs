using Projections.Commands;
using Projections.Definitions;
using Projections.Events;

namespace Projections.Waiting;

/// <summary>Waits until readers of a projection's read name see an event.</summary>
internal sealed class WaitForEvent(ProjectionSystem system)
{
    /// <summary>The longest that anybody can wait.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan BetweenSearches = TimeSpan.FromMilliseconds(20);

    /// <exception cref="OperationRefused">There is no such projection, or nobody can wait as long as that.</exception>
    /// <exception cref="EventSourceUnusable">The source does not find events in that way.</exception>
    public async Task<WaitResult> RunAsync(ProjectionName projection, EventReference reference, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (timeout <= TimeSpan.Zero || timeout > Longest)
        {
            throw new OperationRefused($"A wait takes more than nothing and at most {Longest.TotalSeconds:0} seconds.", isMistake: true);
        }

        if (reference is EventReference.InStream { Stream: var stream, Tenant: var tenant })
        {
            CommandLimits.Refuse("stream's name", stream.Text, CommandLimits.Key);
            CommandLimits.Refuse("tenant", tenant ?? "", CommandLimits.Name);
        }

        using var patience = new CancellationTokenSource(timeout, system.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        EventPosition? position = null;
        try
        {
            position = await LocateAsync(reference, either.Token);
            await system.LiveTables.WaitAsync(projection, position.Value, either.Token);
            return new WaitResult(position, position, null);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return await TellAsync(projection, reference, position, cancellationToken);
        }
    }

    // Whoever appended it may ask before the source shows it: behind a gap, or on a follower of its cluster.
    private async Task<EventPosition> LocateAsync(EventReference reference, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (await system.Source.LocateAsync(reference, cancellationToken) is { } position)
            {
                return position;
            }

            await Task.Delay(BetweenSearches, system.Time, cancellationToken);
        }
    }

    private async Task<WaitResult> TellAsync(ProjectionName projection, EventReference reference, EventPosition? position, CancellationToken cancellationToken)
    {
        var table = await system.LiveTables.FindAsync(projection, position, cancellationToken);
        return new WaitResult(
            position,
            table.Checkpoint,
            position is { } one ? table.MissingUpTo(one) : $"There is no event with {reference} in {system.Source.Identity}, or none that can be seen yet.");
    }
}
