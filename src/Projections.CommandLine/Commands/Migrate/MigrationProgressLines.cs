using System.Globalization;
using Projections.CommandLine.Terminal;
using Projections.Migrations.Execution;
using Projections.Migrations.Files;

namespace Projections.CommandLine.Commands.Migrate;

/// <summary>Says what a runner does while it does it. Runs of many tenants report from many threads.</summary>
internal sealed class MigrationProgressLines(Screen screen) : IProgress<MigrationProgress>
{
    private const int BarWidth = 24;

    private static readonly TimeSpan BetweenBatchLines = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private long _lastBatchLine;

    public void Report(MigrationProgress value)
    {
        lock (_lock)
        {
            if (Line(value) is { } line && !(value is MigrationProgress.BatchDone && IsTooSoon()))
            {
                screen.Say(line);
            }
        }
    }

    // Batches follow each other several times a second.
    private bool IsTooSoon()
    {
        var now = TimeProvider.System.GetTimestamp();
        if (_lastBatchLine != 0 && TimeProvider.System.GetElapsedTime(_lastBatchLine, now) < BetweenBatchLines)
        {
            return true;
        }

        _lastBatchLine = now;
        return false;
    }

    private static string? Line(MigrationProgress value) => value switch
    {
        MigrationProgress.WaitingForRunner => "Another runner is at work; waiting for it.",
        MigrationProgress.Finished done => $"{(done.Direction == Direction.Up ? "applied" : "took back")} {done.Migration.Id}{In(done.Tenant)} in {done.Took.TotalMilliseconds:0} ms",
        MigrationProgress.Retrying retry => $"{retry.Migration.Id}{In(retry.Tenant)}: a lock could not be had (try {retry.Attempt}); trying again in {DurationText.Of(retry.Pause)}",
        MigrationProgress.WayBackChanged changed => $"{changed.Migration.Id}{In(changed.Tenant)}: its way back has changed since it was applied; the file runs as it is now",
        MigrationProgress.Resumed resumed => $"{resumed.Migration.Id}{In(resumed.Tenant)} was interrupted; it goes on where it was",
        MigrationProgress.WaitingForBackend waiting => $"{waiting.Migration.Id}: its interrupted statement still runs in server process {waiting.Pid}; waiting for its end",
        MigrationProgress.Yielding yielding => $"{yielding.Migration.Id}{In(yielding.Tenant)} pauses: {yielding.Reason}",
        MigrationProgress.BatchDone batch => Batch(batch),
        _ => null,
    };

    private static string Batch(MigrationProgress.BatchDone batch)
    {
        var share = batch.RowsEstimated == 0 ? 1 : Math.Clamp((double)batch.RowsDone / batch.RowsEstimated, 0, 1);
        var bar = new string('█', (int)(share * BarWidth)).PadRight(BarWidth, '░');
        var left = batch.TimeLeft is { } time ? $", {DurationText.Of(time)} left" : "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{batch.Migration.Id}{In(batch.Tenant)} {bar} {batch.RowsDone:N0} of about {batch.RowsEstimated:N0} rows, {batch.RowsPerSecond:N0} a second{left}, batches of {batch.BatchSize:N0}");
    }

    private static string In(string? tenant) => tenant is null ? "" : $" in {tenant}";
}
