using Npgsql;
using Projections.Migrations.Execution;
using Projections.Migrations.Files;
using Projections.Migrations.Running;

namespace Projections.CommandLine.Commands.Migrate;

/// <summary>The answer of the verbs that run migrations.</summary>
internal static class MigrationAnswer
{
    /// <returns>The exit code.</returns>
    public static int Give(Invocation call, MigrationReport report, bool isDryRun = false)
    {
        call.Screen.Answer(Document(report), Line(report, isDryRun));
        foreach (var failure in Failures(report))
        {
            call.Screen.Complain(failure);
            call.NeedsALook.Add(failure);
        }

        return report.Succeeded ? ExitCode.Done : report.Failure is OperationCanceledException ? ExitCode.Interrupted : ExitCode.Failed;
    }

    private static object Document(MigrationReport report) => new
    {
        Planned = report.Planned.Select(migration => migration.Id),
        Done = report.Done.Select(outcome => new { outcome.Migration.Id, outcome.Direction, outcome.Tenant, Milliseconds = (long)outcome.Took.TotalMilliseconds }),
        report.Succeeded,
        Failure = report.Failure is OperationCanceledException ? Stopped(report) : report.Failure?.Message,
        FailedAt = PlaceOf(report.Failure),
        TenantFailures = report.TenantFailures.Select(failure => new { failure.Schema, failure.Reason.Message, FailedAt = PlaceOf(failure.Reason) }),
    };

    private static object? PlaceOf(Exception? failure) => failure is MigrationFailed failed
        ? new { failed.Migration.Id, failed.File.Path, failed.Statement.Line, Statement = failed.Statement.Summary, (failed.InnerException as PostgresException)?.SqlState }
        : null;

    private static string Line(MigrationReport report, bool isDryRun)
    {
        if (isDryRun)
        {
            return report.Planned.Count == 0 ? "Nothing would be run." : $"Would run: {string.Join(", ", report.Planned.Select(migration => migration.Id))}.";
        }

        var tenants = report.Done.Select(outcome => outcome.Tenant).OfType<string>().Distinct().Count();
        return report.Done.Count == 0 && report.Succeeded
            ? "Nothing was left to do."
            : $"{report.Done.Count} run{(tenants == 0 ? "" : $", in {Tenants(tenants)}")}{(report.TenantFailures.Count == 0 ? "" : $"; {Tenants(report.TenantFailures.Count)} failed")}.";
    }

    // What runs in each tenant may be done in some of them.
    private static string Stopped(MigrationReport report)
    {
        if (report.Planned.Count == 0)
        {
            return "It was stopped before any migration was run, so nothing is done.";
        }

        var done = report.Done.Select(outcome => outcome.Migration).Distinct().ToList();
        var left = report.Planned.Where(migration => migration.EachTenant || !done.Contains(migration)).ToList();
        return $"It was stopped before its end. {Listed("Done", done)} {Listed("Not done, or not everywhere", left)} "
            + "What was under way was rolled back; where it runs outside of a transaction or in batches, what was finished stays. Run it again: it goes on there.";
    }

    private static string Listed(string what, List<Migration> migrations) =>
        $"{what}: {(migrations.Count == 0 ? "nothing" : string.Join(", ", migrations.Select(migration => migration.Id)))}.";

    private static string Tenants(int count) => count == 1 ? "1 tenant" : $"{count} tenants";

    private static IEnumerable<string> Failures(MigrationReport report)
    {
        if (report.Failure is { } failure)
        {
            yield return failure is OperationCanceledException ? Stopped(report) : failure.Message;
        }

        if (report.TenantFailures.Count > 0)
        {
            yield return new TenantsFailed(report.TenantFailures).Message;
        }
    }
}
