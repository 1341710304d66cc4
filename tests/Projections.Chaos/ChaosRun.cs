using System.Diagnostics;
using System.Globalization;
using Projections.Chaos.Commands;
using Projections.Chaos.Examination;
using Projections.Chaos.Faults;
using Projections.Chaos.Ground;
using Projections.Chaos.Load;
using Projections.Chaos.Report;

namespace Projections.Chaos;

/// <summary>
/// Workers as processes, writers, readers and people with commands, while everything that can go wrong does; then a time of rest, and
/// every table against a plain fold of the events.
/// </summary>
internal sealed class ChaosRun(ChaosOptions options, TextWriter output)
{
    /// <summary>For what takes seconds on a machine of one's own.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    private readonly ChaosRecord _record = new(output);

    public async Task<ChaosReport> RunAsync(CancellationToken stop)
    {
        var began = Stopwatch.GetTimestamp();
        var folder = Directory.CreateDirectory(options.Logs ?? Path.Combine(Path.GetTempPath(), string.Create(CultureInfo.InvariantCulture, $"projections-chaos-{options.Seed}"))).FullName;
        _record.Say(string.Create(CultureInfo.InvariantCulture, $"Seed {options.Seed}; the workers' output is in {folder}"));
        await using var ground = await ChaosGround.PrepareAsync(options, stop);
        var fleet = Enumerable.Range(1, options.Workers).Select(number => new Seat(number, ground, _record, folder)).ToList();
        try
        {
            await BeginAsync(ground, stop);
            await StormAsync(ground, fleet, stop);
            return await ExamineAsync(ground, fleet, began);
        }
        finally
        {
            await Task.WhenAll(fleet.Select(seat => seat.DisposeAsync().AsTask()));
        }
    }

    private async Task BeginAsync(ChaosGround ground, CancellationToken stop)
    {
        await using var steward = await Steward.CallAsync(ground, _record, stop);
        await steward.BeginAsync(Patience, stop);
        _record.Say("Version 1 of every projection is live");
    }

    /// <summary>Readers and writers go on while the last faults and commands end.</summary>
    private async Task StormAsync(ChaosGround ground, List<Seat> fleet, CancellationToken stop)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stop);
        using var quiet = new CancellationTokenSource();
        var load = Task.WhenAll(
            ChaosLoad.WriteAsync(ground, options, quiet.Token),
            ChaosLoad.ReadAsync(ground, _record, quiet.Token),
            new StuckWatch(ground, fleet, _record).WatchAsync(quiet.Token),
            new LateEventBook(ground, _record).KeepAsync(quiet.Token));
        using var http = new HttpDoor(fleet);
        await using var bus = ground.Broker is null ? null : await BusDoor.OpenAsync(ground, stop);
        IDoor[] doors = [new CommandLineDoor(ground, fleet), http, .. bus is null ? (IDoor[])[] : [bus]];
        over.CancelAfter(options.Length);
        await Task.WhenAll(
            new FaultStorm(Faults(ground, fleet), _record, options.Pause, options.Seed).RageAsync(over.Token),
            new Commander(ground, doors, _record, options.Pause, options.Seed + 1).CommandAsync(over.Token));
        _record.Say("The storm is over; everything is put right");
        await quiet.CancelAsync();
        await load;
        ground.ForgetSessions();
    }

    private async Task<ChaosReport> ExamineAsync(ChaosGround ground, List<Seat> fleet, long began)
    {
        await using (var steward = await Steward.CallAsync(ground, _record, CancellationToken.None))
        {
            await steward.SettleAsync(Patience, CancellationToken.None);
        }

        await Task.WhenAll(fleet.Select(seat => seat.EndAsync(TimeSpan.FromMinutes(2))));
        _record.Say("The workers have ended; every table is compared");
        var fold = await PlainFold.OfAsync(ground);
        var comparison = new TableComparison(ground, _record);
        await comparison.CompareAsync(fold);
        await new LeftOvers(ground, _record).FindAsync(CancellationToken.None);
        return new ChaosReport(options, _record, fold.Events, comparison.Rows, comparison.Tables, Stopwatch.GetElapsedTime(began));
    }

    private List<Fault> Faults(ChaosGround ground, List<Seat> fleet) =>
    [
        new KillWorker(fleet),
        new SleepWorker(fleet),
        new TerminateWorker(fleet, _record),
        new BreakConnections(fleet),
        new StallConnections(fleet),
        new LoseAnswers(fleet),
        new RestartServer(ground),
        new EndSessions(ground),
        new TakeBrokerAway(ground),
    ];
}
