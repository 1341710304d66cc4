using Projections.Commands;
using Projections.Definitions;
using Projections.Operations;

namespace Projections.Hosting;

/// <inheritdoc cref="IProjections"/>
internal sealed class HostedProjections(ProjectionSystem system) : IProjections
{
    public Task<TResult> RunAsync<TResult>(Command<TResult> command, CommandContext context, CancellationToken cancellationToken)
        where TResult : ICommandResult => command.RunAsync(system, context, cancellationToken);

    public async Task<ProjectionStatus?> FindStatusAsync(ProjectionName projection, CancellationToken cancellationToken) =>
        (await new ReadStatus(system).RunAsync(projection, cancellationToken)).SingleOrDefault();
}
