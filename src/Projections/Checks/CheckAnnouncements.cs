using Npgsql;
using Projections.Catalog;
using Projections.Catalog.Announcements;

namespace Projections.Checks;

/// <summary>Which verdicts are announced: those that are worse than the one before, and the return to health.</summary>
internal static class CheckAnnouncements
{
    public static Task AddAsync(NpgsqlConnection connection, CheckRecord record, Verdict before, Actor actor, CancellationToken cancellationToken)
    {
        if (record.Verdict > before)
        {
            var details = new AnnouncementDetails
            {
                Verdict = record.Verdict.Text(),
                VerdictBefore = before.Text(),
                Findings = [.. record.Findings.Select(finding => finding.ToString())],
                LagEvents = record.LagEvents,
                LagSeconds = record.LagSeconds,
            };
            return Outbox.AddAsync(connection, AnnouncementKind.Lagging, record.Version, actor, details, cancellationToken);
        }

        return record.Verdict == Verdict.Healthy && before != Verdict.Healthy
            ? Outbox.AddAsync(connection, AnnouncementKind.Recovered, record.Version, actor, new AnnouncementDetails { VerdictBefore = before.Text() }, cancellationToken)
            : Task.CompletedTask;
    }
}
