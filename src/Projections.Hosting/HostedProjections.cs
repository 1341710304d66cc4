using Projections.Catalog.Feeds;
using Projections.Commands;
using Projections.Definitions;
using Projections.Events;
using Projections.Feeds;
using Projections.Operations;
using Projections.Serving;
using Projections.Waiting;

namespace Projections.Hosting;

/// <inheritdoc cref="IProjections"/>
internal sealed class HostedProjections(ServedDatabases databases, string? database = null) : IProjections
{
    private ProjectionSystem System => databases.SystemOf(database);

    public IProjections In(string name) => new HostedProjections(databases, name);

    public Task<TResult> RunAsync<TResult>(Command<TResult> command, CommandContext context, CancellationToken cancellationToken)
        where TResult : ICommandResult => command.RunAsync(System, context, cancellationToken);

    public async Task<ProjectionStatus?> FindStatusAsync(ProjectionName projection, CancellationToken cancellationToken) =>
        (await new ReadStatus(System).RunAsync(projection, cancellationToken)).SingleOrDefault();

    public Task<WaitResult> WaitForAsync(ProjectionName projection, EventReference reference, TimeSpan timeout, CancellationToken cancellationToken) =>
        new WaitForEvent(System).RunAsync(projection, reference, timeout, cancellationToken);

    public IAsyncEnumerable<FeedMessage> ReadFeedAsync(ProjectionName projection, FeedStart start, CancellationToken cancellationToken) =>
        new FeedReader(System, projection).ReadAsync(start, once: false, cancellationToken);
}
