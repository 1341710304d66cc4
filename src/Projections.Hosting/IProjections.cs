using Projections.Commands;
using Projections.Definitions;
using Projections.Operations;

namespace Projections.Hosting;

/// <summary>The operations of the host's projections, for code: the same commands as at every other door, and how the projections are.</summary>
/// <example><code>
/// await projections.RunAsync(new RebuildCommand { Projection = new("invoice_summary"), To = 2 }, new CommandContext("nightly job"));
/// </code></example>
public interface IProjections
{
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
}
