using Projections.Chaos.Report;

namespace Projections.Chaos.Faults;

/// <summary>Lets one fault after the other happen, by the dice; some last, and others happen meanwhile.</summary>
internal sealed class FaultStorm(IReadOnlyList<Fault> faults, ChaosRecord record, TimeSpan pause, int seed)
{
    public async Task RageAsync(CancellationToken stop)
    {
        var random = new Random(seed);
        var lasting = new List<Task>();
        while (!stop.IsCancellationRequested)
        {
            lasting.Add(StrikeAsync(Choose(random), new Random(random.Next())));
            lasting.RemoveAll(task => task.IsCompletedSuccessfully);
            await Task.WhenAny(Task.Delay(pause * (2 * random.NextDouble()), stop));
        }

        await Task.WhenAll(lasting);
    }

    private Fault Choose(Random random)
    {
        var roll = random.Next(faults.Sum(fault => fault.Weight));
        return faults.First(fault => (roll -= fault.Weight) < 0);
    }

    private async Task StrikeAsync(Fault fault, Random random)
    {
        if (await fault.StrikeAsync(random) is { } what)
        {
            record.SeeFault(fault.Kind, what);
        }
    }
}
