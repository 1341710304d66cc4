using Projections.CommandLine.Terminal;
using Projections.Migrations.Files;
using Projections.Migrations.Running;
using Projections.Migrations.Safety;

namespace Projections.CommandLine.Commands.Migrate;

/// <summary>What <c>migrate up</c> would do: the SQL, and the verdict on it.</summary>
/// <param name="Planned">What would be run, in order.</param>
/// <param name="Safety">The verdict; <c>null</c> where nothing is to be judged.</param>
internal sealed record UpRehearsal(IReadOnlyList<Migration> Planned, SafetyReport? Safety)
{
    public bool IsSafe => Safety is null or { IsSafe: true };

    /// <exception cref="Migrations.MigrationRefused">Nothing may run, or nothing can be tried.</exception>
    public static async Task<UpRehearsal> RunAsync(MigrationRunner runner, SafetyCheck check, UpRequest request, string database, CancellationToken stop)
    {
        var plan = await runner.UpAsync(request, stop);
        var isJudged = plan.Planned.Count > 0 && request.SafetySkipped is null;
        return new UpRehearsal(plan.Planned, isJudged ? await check.RunAsync(new SafetyRequest { Database = database, To = request.To }, stop) : null);
    }

    public void Give(Screen screen)
    {
        screen.Answer(
            new { Planned = Planned.Select(migration => new { migration.Id, migration.Up.Path, Sql = migration.Up.Text }), Safety },
            Planned.Count == 0 ? "Nothing would be run." : $"Would run: {string.Join(", ", Planned.Select(migration => migration.Id))}.");
        foreach (var migration in Planned)
        {
            screen.Say($"{Environment.NewLine}-- {migration.Up.Path}{Environment.NewLine}{migration.Up.Text.TrimEnd()}");
        }

        if (Safety is { } report)
        {
            foreach (var finding in report.Findings.Where(finding => finding.Direction == Direction.Up))
            {
                screen.Say(FindingText.Of(finding));
            }

            screen.Say($"{Environment.NewLine}{FindingText.Summary(report)}");
        }
    }
}
