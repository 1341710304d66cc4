using Projections.Catalog;
using Projections.Events;
using Projections.Operations;
using Projections.Switching;

namespace Projections.Host.Terminal;

/// <summary>A version as scripts see it. The names of the properties are part of the program's contract.</summary>
internal sealed record VersionReport
{
    public required int Version { get; init; }

    public required string State { get; init; }

    public required bool External { get; init; }

    /// <summary>Whether it is advanced together with the live version.</summary>
    public required bool Lockstep { get; init; }

    public required EventPosition? Position { get; init; }

    public required long? LagEvents { get; init; }

    public required double? LagSeconds { get; init; }

    public required string? Activity { get; init; }

    public required long EventsDone { get; init; }

    public required long? EventsTotal { get; init; }

    public required double? EventsPerSecond { get; init; }

    public required int? Throttle { get; init; }

    public required string? Failure { get; init; }

    public required EventPosition? FailurePosition { get; init; }

    public required long DeadLetters { get; init; }

    /// <summary>The worker that holds the lease at present.</summary>
    public required string? Worker { get; init; }

    /// <summary>What a switch to it would do to the read name, for a version that reads could be switched to.</summary>
    public ReadNameChange? Switch { get; init; }

    public static VersionReport Of(VersionStatus status, ReadNameChange? change)
    {
        var version = status.Version;
        return new VersionReport
        {
            Version = version.Id.Number,
            State = version.State.Text(),
            External = version.External,
            Lockstep = version.Lockstep,
            Position = version.Checkpoint,
            LagEvents = status.Lag?.Events,
            LagSeconds = status.Lag is { } lag ? Math.Round(lag.Time.TotalSeconds, 3) : null,
            Activity = version.Activity,
            EventsDone = version.EventsDone + version.EventsInProgress,
            EventsTotal = version.EventsTotal,
            EventsPerSecond = version.EventsPerSecond is { } rate ? Math.Round(rate) : null,
            Throttle = version.Throttle,
            Failure = version.Failure,
            FailurePosition = version.FailurePosition,
            DeadLetters = status.DeadLetters,
            Worker = version.IsLeased ? version.LeaseHolder : null,
            Switch = change,
        };
    }
}
