using Projections.Benchmarks.Load;
using Projections.Benchmarks.Report;
using Projections.Benchmarks.Store;
using Projections.Benchmarks.Workers;
using Projections.Commands;
using Projections.Definitions;
using Projections.Events;
using Projections.Operations;

namespace Projections.Benchmarks.Measurements;

/// <summary>From the commit of a row to the answer to whoever waits for its event, with many who wait at once.</summary>
internal sealed class WaitMeasurement : Measurement
{
    private const int StoreEvents = 10_000;
    private const int AtOnce = 10_000;

    private static readonly TimeSpan Length = TimeSpan.FromSeconds(15);

    public override string Name => "waits";

    public override string What => $"from commit to answer at {Writer.EventsPerSecond} events/s, each of them waited for, {AtOnce:N0} waiting at once";

    public override async Task<IReadOnlyList<Figure>> RunAsync(BenchmarkContext context, CancellationToken cancellationToken)
    {
        await using var database = await context.StoreAsync(StoreEvents, cancellationToken);
        await using var follower = await Follower.StartAsync(database, 1, cancellationToken);
        var version = follower.Registry.Versions.Single().Id;
        await new SwitchCommand { Projection = version.Projection, To = version.Number }.RunAsync(follower.System, new CommandContext("benchmark"), cancellationToken);

        var answers = new Dictionary<long, DateTime>();
        var waiting = new Queue<Task<(long Position, DateTime At)>>();
        var next = StoreEvents;
        using var enough = new CancellationTokenSource();
        while (waiting.Count < AtOnce)
        {
            waiting.Enqueue(WaitAsync(follower, version, ++next, enough.Token));
        }

        int written;
        await using (var writer = Writer.Start(database))
        {
            var end = DateTime.UtcNow + Length;
            while (DateTime.UtcNow < end)
            {
                var (position, at) = await waiting.Dequeue();
                answers.Add(position, at);
                waiting.Enqueue(WaitAsync(follower, version, ++next, enough.Token));
            }

            written = await writer.StopAsync();
        }

        await enough.CancelAsync();
        await Task.WhenAll(waiting.Cast<Task>()).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await follower.UntilRowsAsync(StoreEvents + written, cancellationToken);
        var latencies = new Latencies(await LatenciesAsync(database, version, answers, cancellationToken));
        Console.WriteLine($"  {latencies}");
        return
        [
            new Figure(Name, "p50", latencies.Percentile(0.5), "ms"),
            new Figure(Name, "p99", latencies.Percentile(0.99), "ms", AtMost: 25),
            new Figure(Name, "before the commit", latencies.Count - latencies.LongerThan(0), "answers", AtMost: 0),
        ];
    }

    private static async Task<(long Position, DateTime At)> WaitAsync(Follower follower, VersionId version, long position, CancellationToken cancellationToken)
    {
        await follower.System.LiveTables.WaitAsync(version.Projection, new EventPosition(position), cancellationToken);
        return (position, DateTime.UtcNow);
    }

    /// <summary>By the commit times that the server keeps, on the clock of the same machine, of the rows that no later event changes: the first of an invoice and its tax.</summary>
    private static async Task<float[]> LatenciesAsync(
        BenchmarkDatabase database, VersionId version, Dictionary<long, DateTime> answers, CancellationToken cancellationToken)
    {
        await using var command = database.Sql.CreateCommand(
            $"""
            select array_agg((extract(epoch from a.at - pg_xact_commit_timestamp(r.xmin)) * 1000)::real)
            from unnest($1::bigint[], $2::timestamptz[]) as a (position, at)
            join {BenchmarkDatabase.EventTable} as e on e.seq_id = a.position
            join {version.Table} as r on e.stream_id = r.invoice and e.version = r.entry
            where r.entry in (1, 8)
            """);
        command.Parameters.AddWithValue(answers.Keys.ToArray());
        command.Parameters.AddWithValue(answers.Values.ToArray());
        return (float[])(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}
