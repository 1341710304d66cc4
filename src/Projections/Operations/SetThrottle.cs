using System.Globalization;
using Projections.Catalog;
using Projections.Commands;
using Projections.Definitions;
using Projections.Postgres;

namespace Projections.Operations;

/// <summary>Limits, or lifts the limit of, the events a second that a version being built may take; obeyed within a second or two.</summary>
public sealed class SetThrottle(ProjectionSystem system)
{
    /// <exception cref="OperationRefused">No such version is being built.</exception>
    public Task<OperationResult> RunAsync(
        ProjectionName projection, int? version, int? eventsPerSecond, CommandContext context, CancellationToken cancellationToken) =>
        CatalogCommand.RunAsync(
            system,
            projection,
            context.IdentityOf("throttle", $"{version} {eventsPerSecond}"),
            context,
            async (connection, snapshot) =>
            {
                var chosen = await CatalogCommand.LockAsync(connection, projection, snapshot, version, "throttle", candidate => candidate.State.IsBuild(), cancellationToken);
                await connection.ExecuteAsync(
                    "update projections.version set throttle = $3::int where projection = $1 and number = $2",
                    cancellationToken,
                    projection.Value,
                    chosen.Id.Number,
                    eventsPerSecond);
                return new OperationResult(
                    chosen.Id,
                    eventsPerSecond is { } limit
                        ? string.Create(CultureInfo.InvariantCulture, $"{chosen.Id} takes at most {limit} events a second from now on.")
                        : $"{chosen.Id} goes as fast as it can from now on.");
            },
            cancellationToken);
}
