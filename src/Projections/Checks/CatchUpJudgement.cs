using Npgsql;
using Projections.Checks.Rules;
using Projections.Operations;

namespace Projections.Checks;

/// <summary>Asks all rules about a version; the worst finding is the verdict.</summary>
internal sealed class CatchUpJudgement(ProjectionSystem system, NpgsqlConnection connection)
{
    private readonly ICatchUpRule[] _rules =
    [
        new FailedRule(),
        new DeclaredRule(),
        new TroubleRule(),
        new FollowedRule(),
        new MovementRule(),
        new BrakeRule(),
        new LagRule(),
        new HoldRule(),
        new DeadLettersRule(),
        new LateEventsRule(),
        new ArchivedStreamsRule(system),
        new IndexesRule(),
        new ReadNameRule(),
        new RetentionRule(),
    ];

    public async Task<CheckRecord> JudgeAsync(
        ProjectionStatus projection, VersionStatus status, CheckRecord? before, CatchUpOptions options, CancellationToken cancellationToken)
    {
        var now = system.Time.GetUtcNow().UtcDateTime;
        var version = status.Version;
        var since = await StandbySince.ReadAsync(connection, version, cancellationToken);
        var moved = MovedAt(status, before, now);
        var subject = new CheckSubject(connection, system.Options.Schema, projection, status, moved, since, options, now);
        var findings = new List<Finding>();
        foreach (var rule in _rules)
        {
            if (await rule.JudgeAsync(subject, cancellationToken) is { } finding)
            {
                findings.Add(finding);
            }
        }

        return new CheckRecord
        {
            Version = version.Id,
            Verdict = findings.Count == 0 ? Verdict.Healthy : findings.Max(finding => finding.Verdict),
            Findings = findings,
            State = version.State,
            Position = version.Checkpoint,
            EventsDone = version.EventsDone + version.EventsInProgress,
            LagEvents = status.Lag?.Events,
            LagSeconds = status.Lag?.Time.TotalSeconds,
            MovedAt = moved,
            At = now,
        };
    }

    /// <summary>The time is carried over from the check before as long as nothing has changed since.</summary>
    private static DateTime MovedAt(VersionStatus status, CheckRecord? before, DateTime now)
    {
        var version = status.Version;
        var same = before is not null
            && before.State == version.State
            && before.Position == version.Checkpoint
            && before.EventsDone == version.EventsDone + version.EventsInProgress;
        // Who is held is to stand, and has the time to move anew once it is let go.
        return same && version.Hold is null && MovementRule.HasWork(version, status.Lag) ? before!.MovedAt : now;
    }
}
