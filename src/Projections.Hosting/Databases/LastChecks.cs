using System.Globalization;
using Projections.Catalog;
using Projections.Checks;
using Projections.Faults;
using Projections.Postgres;
using Projections.Serving;

namespace Projections.Hosting.Databases;

/// <summary>What the last catch-up checks found in one database, whichever program made them.</summary>
internal sealed class LastChecks(ProjectionSystem system)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    /// <summary>For each database of the process, at least.</summary>
    private static readonly TimeSpan PerDatabase = TimeSpan.FromMilliseconds(150);

    private volatile IReadOnlyList<string> _troubles = [];

    /// <summary>What was wrong with versions when they were checked last. One that has failed is told by who works there.</summary>
    public IReadOnlyList<string> Troubles => _troubles;

    /// <summary>Looks now and then until <paramref name="stop"/> is cancelled. What cannot be read stays as it was; who works there says why.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                var checks = await CheckHistory.ReadLatestAsync(system.Catalog, stop);
                _troubles = [.. checks.Where(check => check.Verdict != Verdict.Healthy && check.State != VersionState.Failed).Select(Told)];
            }
            catch (Exception exception) when (stop.IsCancellationRequested || PassingFault.Is(exception) || MendableFault.Is(exception))
            {
                // Stopped, or away.
            }

            await Task.Delay(system.Process.Pace(Interval, PerDatabase), system.Time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static string Told(CheckRecord check) =>
        string.Create(CultureInfo.InvariantCulture, $"{check.Verdict.Text()} at the last check, {check.At:u}: {string.Join(" ", check.Findings.Where(finding => finding.Verdict != Verdict.Healthy).Select(finding => finding.Problem))}");
}
