using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Projections.Catalog;
using Projections.Commands;
using Projections.Definitions;
using Projections.Postgres;

namespace Projections.Operations;

/// <summary>Limits, or lifts the limit of, the speed of a version that is being built.</summary>
[Verb("throttle", "Limits how many events a second a version that is being built may take; obeyed within a second or two.")]
public sealed record SetThrottleCommand : VersionCommand
{
    /// <summary>Events a second at most; no limit when <c>null</c>.</summary>
    [Description("Events a second at most; no limit when left out."), Display(Name = "limit"), Range(1, int.MaxValue)]
    public int? EventsPerSecond { get; init; }

    private protected override FormattableString Arguments => $"{Version} {EventsPerSecond}";

    internal override Task<OperationResult> CarryOutAsync(ProjectionSystem system, CommandContext context, CancellationToken cancellationToken) =>
        new SetThrottle(system).RunAsync(this, context, cancellationToken);
}

/// <summary>Limits, or lifts the limit of, the events a second that a version being built may take; obeyed within a second or two.</summary>
internal sealed class SetThrottle(ProjectionSystem system)
{
    /// <exception cref="OperationRefused">No such version is being built.</exception>
    public Task<OperationResult> RunAsync(SetThrottleCommand command, CommandContext context, CancellationToken cancellationToken) =>
        CatalogCommand.RunAsync(
            system,
            command,
            context,
            async (connection, snapshot) =>
            {
                var chosen = await CatalogCommand.LockAsync(connection, command.Projection, snapshot, command.Version, "throttle", candidate => candidate.State.IsBuild(), cancellationToken);
                await connection.ExecuteAsync(
                    "update projections.version set throttle = $3::int where projection = $1 and number = $2",
                    cancellationToken,
                    command.Projection.Value,
                    chosen.Id.Number,
                    command.EventsPerSecond);
                return new OperationResult(
                    chosen.Id,
                    command.EventsPerSecond is { } limit
                        ? string.Create(CultureInfo.InvariantCulture, $"{chosen.Id} takes at most {limit} events a second from now on.")
                        : $"{chosen.Id} goes as fast as it can from now on.");
            },
            cancellationToken);
}
