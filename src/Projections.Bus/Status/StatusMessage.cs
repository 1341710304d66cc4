using Projections.Catalog;

namespace Projections.Bus.Status;

/// <summary>A projection's status as it is sent.</summary>
internal static class StatusMessage
{
    public static Contracts.ProjectionStatus Of(Operations.ProjectionStatus status) => new()
    {
        Projection = status.Projection.Name.Value,
        LiveVersion = status.Projection.LiveVersion,
        Generation = status.Projection.Generation,
        Source = status.Projection.Source,
        SafeHead = status.Head.Position.ToString(),
        Hold = status.Head.Hold?.Reason,
        Versions = [.. status.Versions.Select(Of)],
        Errors = [.. status.Errors.Select(error => error.Text)],
    };

    private static Contracts.VersionStatus Of(Operations.VersionStatus status) => new()
    {
        Version = status.Version.Id.Number,
        State = status.Version.State.Text(),
        Position = status.Version.Checkpoint?.ToString(),
        LagEvents = status.Lag?.Events,
        LagSeconds = status.Lag?.Time.TotalSeconds,
        LagIsAtLeast = status.Lag is { IsAtLeast: true },
        LagIsAbout = status.Lag is { IsAbout: true },
        EventsDone = status.Version.EventsDone + status.Version.EventsInProgress,
        EventsTotal = status.Version.EventsTotal,
        EventsTotalIsAbout = status.Version.EventsTotalIsAbout,
        DeadLetters = status.DeadLetters,
        LateEvents = status.LateEvents.Waiting,
        Failure = status.Version.Failure,
        Worker = status.Version.IsLeased ? status.Version.LeaseHolder : null,
    };
}
