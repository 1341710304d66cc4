using MassTransit;
using Projections.Contracts;
using Projections.Definitions;
using Projections.Operations;
using Projections.Serving;

namespace Projections.Bus.Status;

/// <summary>Answers how a projection is.</summary>
internal sealed class StatusConsumer(ServedDatabases databases) : IConsumer<GetProjectionStatus>
{
    public async Task Consume(ConsumeContext<GetProjectionStatus> context)
    {
        var system = databases.SystemOf(context.Headers.Get<string>(ProjectionHeaders.Database));
        var asked = context.Message.Projection;
        var statuses = ProjectionName.IsValid(asked)
            ? await new ReadStatus(system).RunAsync(new ProjectionName(asked), context.CancellationToken)
            : [];
        await (statuses.Count > 0
            ? context.RespondAsync(StatusMessage.Of(statuses[0]))
            : context.RespondAsync(new ProjectionUnknown
            {
                Projection = asked,
                Known = await KnownAsync(system, context.CancellationToken),
                Errors = [.. system.Registry.Unattributed.Select(error => error.Text)],
            }));
    }

    private static async Task<IReadOnlyList<string>> KnownAsync(ProjectionSystem system, CancellationToken cancellationToken) =>
        [.. (await new ReadStatus(system).RunAsync(null, cancellationToken)).Select(status => status.Projection.Name.Value)];
}
