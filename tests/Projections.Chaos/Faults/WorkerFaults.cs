using System.Globalization;
using Projections.Chaos.Ground;
using Projections.Chaos.Report;

namespace Projections.Chaos.Faults;

/// <summary>A fault of one worker's process; one at a time for each of them.</summary>
internal abstract record WorkerFault(string Kind, int Weight, IReadOnlyList<Seat> Fleet) : Fault(Kind, Weight)
{
    public sealed override async Task<string?> StrikeAsync(Random random)
    {
        // From one chosen by the dice on, the first that nothing happens to at the moment.
        var first = random.Next(Fleet.Count);
        foreach (var seat in Fleet.Skip(first).Concat(Fleet.Take(first)))
        {
            if (await seat.Hand.WaitAsync(TimeSpan.Zero))
            {
                return await StrikeAloneAsync(seat, random);
            }
        }

        return null;
    }

    protected abstract Task<string?> StrikeAsync(Seat seat, Random random);

    private async Task<string?> StrikeAloneAsync(Seat seat, Random random)
    {
        try
        {
            return await StrikeAsync(seat, random);
        }
        finally
        {
            seat.SeeFault();
            seat.Hand.Release();
        }
    }

    protected static string Seconds(TimeSpan length) => string.Create(CultureInfo.InvariantCulture, $"{length.TotalSeconds:0.0} s");
}

/// <summary>As the kernel does when memory is short.</summary>
internal sealed record KillWorker(IReadOnlyList<Seat> Fleet) : WorkerFault("worker killed (SIGKILL)", 10, Fleet)
{
    protected override async Task<string?> StrikeAsync(Seat seat, Random random)
    {
        await seat.KillAsync();
        return $"worker {seat.Number} killed";
    }
}

/// <summary>As a virtual machine that is moved: often for longer than a lease.</summary>
internal sealed record SleepWorker(IReadOnlyList<Seat> Fleet) : WorkerFault("worker stopped and continued (SIGSTOP)", 10, Fleet)
{
    protected override async Task<string?> StrikeAsync(Seat seat, Random random)
    {
        var length = Between(random, 0.5, 3 * ChaosSettings.Lease.TotalSeconds);
        await seat.SleepAsync(length);
        return $"worker {seat.Number} slept for {Seconds(length)}";
    }
}

/// <summary>As a deployment does.</summary>
internal sealed record TerminateWorker(IReadOnlyList<Seat> Fleet, ChaosRecord Record) : WorkerFault("worker asked to end (SIGTERM)", 6, Fleet)
{
    /// <summary>What containers are given on a quiet machine is 30 seconds; this one is not quiet.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    protected override async Task<string?> StrikeAsync(Seat seat, Random random)
    {
        if (!await seat.TerminateAsync(Patience))
        {
            Record.Wrong(Wrongs.NotEnded, $"worker {seat.Number} was killed {Seconds(Patience)} after it had been asked to end");
        }

        return $"worker {seat.Number} ended as it was asked to";
    }
}

/// <summary>As a firewall that forgets a connection, or a failover of a proxy.</summary>
internal sealed record BreakConnections(IReadOnlyList<Seat> Fleet) : WorkerFault("connections broken", 20, Fleet)
{
    protected override Task<string?> StrikeAsync(Seat seat, Random random)
    {
        var connections = seat.Proxy.Connections;
        seat.Proxy.Break();
        return Task.FromResult<string?>($"{connections} connections of worker {seat.Number} broken");
    }
}

/// <summary>As a network that is jammed.</summary>
internal sealed record StallConnections(IReadOnlyList<Seat> Fleet) : WorkerFault("connections stalled", 12, Fleet)
{
    protected override async Task<string?> StrikeAsync(Seat seat, Random random)
    {
        var length = Between(random, 0.5, 3 * ChaosSettings.Lease.TotalSeconds);
        await seat.Proxy.StallAsync(length);
        return $"connections of worker {seat.Number} stalled for {Seconds(length)}";
    }
}

/// <summary>A commit may have been done, and nobody hears of it.</summary>
internal sealed record LoseAnswers(IReadOnlyList<Seat> Fleet) : WorkerFault("answers of the server lost", 16, Fleet)
{
    protected override async Task<string?> StrikeAsync(Seat seat, Random random)
    {
        var length = Between(random, 0.05, 1);
        await seat.Proxy.LoseAnswersAsync(length);
        return $"what the server answered worker {seat.Number} in {Seconds(length)} lost";
    }
}
