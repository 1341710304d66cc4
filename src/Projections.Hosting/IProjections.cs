using Projections.Commands;
using Projections.Definitions;
using Projections.Events;
using Projections.Feeds;
using Projections.Operations;
using Projections.Waiting;

namespace Projections.Hosting;

/// <summary>The operations of the host's projections, for code: the same commands as at every other door, and how the projections are.</summary>
/// <example><code>
/// await projections.RunAsync(new RebuildCommand { Projection = new("invoice_summary"), To = 2 }, new CommandContext("nightly job"));
/// </code></example>
public interface IProjections
{
    /// <summary>The same for one of the host's databases, where it serves several; without it, what is asked for is refused with their names.</summary>
    /// <param name="database">Its name. That there is none is told by what is asked for then.</param>
    IProjections In(string database);

    /// <summary>Carries a command out. Work that takes long, such as a rebuild, is done by whichever worker has time.</summary>
    /// <param name="command">What is to be done.</param>
    /// <param name="context">Who asks; with an id, the same command is done once however often it comes.</param>
    /// <param name="cancellationToken">Cancels the command, not the work that goes on behind it.</param>
    /// <exception cref="OperationRefused">It cannot be carried out as things are; the message says what to do.</exception>
    /// <exception cref="Switching.SwitchRefused">A gate of a switch is shut; reads stay where they are.</exception>
    /// <exception cref="Faults.OutcomeUnknown">The connection broke while it was committed; give it again under the same id.</exception>
    Task<TResult> RunAsync<TResult>(Command<TResult> command, CommandContext context, CancellationToken cancellationToken = default)
        where TResult : ICommandResult;

    /// <summary>How a projection is; <c>null</c> when neither this program nor the catalog has it.</summary>
    Task<ProjectionStatus?> FindStatusAsync(ProjectionName projection, CancellationToken cancellationToken = default);

    /// <summary>
    /// Waits until readers of a projection's read name see an event and all before it, across switches: what somebody has just appended. All who wait in a process
    /// share one session of the read models' database.
    /// </summary>
    /// <param name="projection">The projection.</param>
    /// <param name="reference">The event.</param>
    /// <param name="timeout">How long at most; a minute is the longest.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>Whether they see it, and if not, what is missing.</returns>
    /// <exception cref="OperationRefused">There is no such projection.</exception>
    /// <exception cref="EventSourceUnusable">The event store does not find events in that way; the message says in which it does.</exception>
    Task<WaitResult> WaitForAsync(ProjectionName projection, EventReference reference, TimeSpan timeout, CancellationToken cancellationToken = default);

    /// <summary>
    /// Reads what becomes of the rows that readers of a projection see, in order and across switches, and waits for more until it is called off.
    /// </summary>
    /// <param name="projection">The projection, whose feed was started.</param>
    /// <param name="start">Where to begin: <see cref="FeedStart.Snapshot"/>, or behind the last message whose cursor was kept.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="FeedOff">The projection has no feed.</exception>
    /// <exception cref="FeedGone">What follows there is not kept any more.</exception>
    IAsyncEnumerable<FeedMessage> ReadFeedAsync(ProjectionName projection, FeedStart start, CancellationToken cancellationToken = default);
}
