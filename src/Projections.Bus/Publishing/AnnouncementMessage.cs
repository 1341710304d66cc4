using Projections.Catalog.Announcements;
using Projections.Contracts;

namespace Projections.Bus.Publishing;

/// <summary>An announcement as it is sent.</summary>
internal static class AnnouncementMessage
{
    public static IRecordedProjectionEvent Of(Announcement announcement)
    {
        var (projection, version) = (announcement.Version.Projection.Value, announcement.Version.Number);
        var (who, why) = (announcement.Actor.Who, announcement.Actor.Why);
        var (sequence, at, details) = (announcement.Number, announcement.At, announcement.Details);
        return announcement.Kind switch
        {
            AnnouncementKind.RebuildStarted => new RebuildStarted { Projection = projection, Version = version, Who = who, Why = why, Sequence = sequence, At = at },
            AnnouncementKind.CaughtUp => new ProjectionCaughtUp
            {
                Projection = projection, Version = version, Who = who, Why = why, Sequence = sequence, At = at, Position = details.Position,
            },
            AnnouncementKind.Switched => new ProjectionSwitched
            {
                Projection = projection, Version = version, Who = who, Why = why, Sequence = sequence, At = at,
                From = details.From, Position = details.Position,
            },
            AnnouncementKind.RolledBack => new ProjectionRolledBack
            {
                Projection = projection, Version = version, Who = who, Why = why, Sequence = sequence, At = at,
                From = details.From, Position = details.Position,
            },
            AnnouncementKind.Failed => new RebuildFailed
            {
                Projection = projection, Version = version, Who = who, Why = why, Sequence = sequence, At = at,
                State = details.State ?? "", Error = details.Error ?? "", Position = details.Position,
            },
            AnnouncementKind.Retired => new VersionRetired
            {
                Projection = projection, Version = version, Who = who, Why = why, Sequence = sequence, At = at, State = details.State ?? "",
            },
            AnnouncementKind.Lagging => new ProjectionLagging
            {
                Projection = projection, Version = version, Who = who, Why = why, Sequence = sequence, At = at,
                Verdict = details.Verdict ?? "", Findings = details.Findings ?? [], LagEvents = details.LagEvents, LagSeconds = details.LagSeconds,
            },
            AnnouncementKind.Recovered => new CatchUpRecovered
            {
                Projection = projection, Version = version, Who = who, Why = why, Sequence = sequence, At = at, VerdictBefore = details.VerdictBefore ?? "",
            },
            AnnouncementKind.Verified => new ProjectionVerified
            {
                Projection = projection, Version = version, Who = who, Why = why, Sequence = sequence, At = at,
                CommandId = details.CommandId ?? Guid.Empty, ComparedWith = details.ComparedWith, Position = details.Position,
                Agrees = details.Rows?.Agree ?? false, Equal = details.Rows?.Equal ?? 0, Differing = details.Rows?.Differing ?? 0,
                OnlyEarlier = details.Rows?.OnlyEarlier ?? 0, OnlyLater = details.Rows?.OnlyLater ?? 0,
            },
            AnnouncementKind.Repaired => new RowsRepaired
            {
                Projection = projection, Version = version, Who = who, Why = why, Sequence = sequence, At = at,
                CommandId = details.CommandId ?? Guid.Empty, Rows = details.Repaired?.Rows ?? 0, Before = details.Repaired?.Before ?? 0, After = details.Repaired?.After ?? 0,
            },
            AnnouncementKind.LateEvents => new LateEventsTurnedUp
            {
                Projection = projection, Version = version, Who = who, Why = why, Sequence = sequence, At = at,
                Count = details.LateEvents ?? 0, Position = details.Position, Error = details.Error,
            },
            AnnouncementKind.WorkFailed => new WorkFailed
            {
                Projection = projection, Version = version, Who = who, Why = why, Sequence = sequence, At = at,
                CommandId = details.CommandId ?? Guid.Empty, Work = details.Verb ?? "", Error = details.Error ?? "",
            },
            _ => throw new ArgumentOutOfRangeException(nameof(announcement), announcement.Kind, "There is no message for it."),
        };
    }
}
