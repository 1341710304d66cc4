using Projections.Commands;
using Projections.Definitions;
using Projections.Events;
using Projections.Operations;
using Projections.Waiting;

namespace Projections.Hosting;

/// <inheritdoc cref="IProjections"/>
internal sealed class HostedProjections(ProjectionSystem system) : IProjections
{
    public Task<TResult> RunAsync<TResult>(Command<TResult> command, CommandContext context, CancellationToken cancellationToken)
        where TResult : ICommandResult => command.RunAsync(system, context, cancellationToken);

    public async Task<ProjectionStatus?> FindStatusAsync(ProjectionName projection, CancellationToken cancellationToken) =>
        (await new ReadStatus(system).RunAsync(projection, cancellationToken)).SingleOrDefault();

    public Task<WaitResult> WaitForAsync(ProjectionName projection, EventReference reference, TimeSpan timeout, CancellationToken cancellationToken) =>
        new WaitForEvent(system).RunAsync(projection, reference, timeout, cancellationToken);
}
