using Projections.Benchmarks.Load;
using Projections.Benchmarks.Report;
using Projections.Benchmarks.Store;
using Projections.Benchmarks.Workers;
using Projections.Definitions;

namespace Projections.Benchmarks.Measurements;

/// <summary>From an event's commit to that of its row, and what a worker costs that has nothing to do.</summary>
internal sealed class FollowingMeasurement : Measurement
{
    private const int StoreEvents = 10_000;
    private const int Idle = 50;

    private static readonly (int Count, bool Together, bool Fed)[] Followed = [(1, false, false), (20, false, false), (20, true, false), (20, true, true)];
    private static readonly TimeSpan Length = TimeSpan.FromSeconds(15);

    // So long the runtime still compiles what has just run for the first time: a worker is measured that runs as it will for the rest of the day.
    private static readonly TimeSpan UntilCompiled = TimeSpan.FromSeconds(60);

    public override string Name => "following";

    public override string What => $"from commit to visible row at {Writer.EventsPerSecond} events/s, and a worker with {Idle} projections and nothing to do";

    public override async Task<IReadOnlyList<Figure>> RunAsync(BenchmarkContext context, CancellationToken cancellationToken)
    {
        var figures = new List<Figure>();
        foreach (var followed in Followed.Where(one => one.Fed || !context.Options.FedOnly))
        {
            figures.AddRange(await FollowAsync(context, followed.Count, followed.Together, followed.Fed, cancellationToken));
        }

        if (context.Options.FedOnly)
        {
            return figures;
        }

        figures.AddRange(await RestAsync(context, cancellationToken));
        return figures;
    }

    private async Task<IReadOnlyList<Figure>> FollowAsync(BenchmarkContext context, int count, bool together, bool fed, CancellationToken cancellationToken)
    {
        var what = $"{count}{(together ? " together" : "")}{(fed ? ", each with a feed" : "")}";
        await using var database = await context.StoreAsync(StoreEvents, cancellationToken);
        await using var follower = await Follower.StartAsync(database, count, cancellationToken, together: together);
        if (fed)
        {
            await follower.StartFeedsAsync(cancellationToken);
        }

        await using var writer = Writer.Start(database);
        await Task.Delay(Length, cancellationToken);
        var began = writer.Written;
        await Task.Delay(UntilCompiled - Length, cancellationToken);
        var (worker, server, before) = (follower.Worker.ProcessorTime, context.Server.ProcessorTime, writer.Written);
        await Task.Delay(Length, cancellationToken);
        (worker, server) = (follower.Worker.ProcessorTime - worker, context.Server.ProcessorTime - server);
        var written = await writer.StopAsync();
        await follower.UntilRowsAsync(StoreEvents + written, cancellationToken);
        var starting = await LatenciesAsync(database, follower.Registry, 0, began, cancellationToken);
        var latencies = await LatenciesAsync(database, follower.Registry, before, written, cancellationToken);
        Console.WriteLine($"  {what}, {written - before:N0} events: {latencies}; while it started, {began:N0} events: {starting}");
        return
        [
            new Figure(Name, $"p50 with {what}", latencies.Percentile(0.5), "ms", AtMost: 30),
            new Figure(Name, $"p99 with {what}", latencies.Percentile(0.99), "ms", AtMost: together && !fed ? 50 : 150),
            new Figure(Name, $"longest with {what}", latencies.Max, "ms"),
            new Figure(Name, $"p99 with {what}, the first {Length.TotalSeconds:0} s", starting.Percentile(0.99), "ms"),
            new Figure(Name, $"worker with {what}", worker / Length * 100, "% of a core"),
            new Figure(Name, $"server with {what}, writer included", server / Length * 100, "% of a core"),
        ];
    }

    private async Task<IReadOnlyList<Figure>> RestAsync(BenchmarkContext context, CancellationToken cancellationToken)
    {
        await using var database = await context.StoreAsync(StoreEvents, cancellationToken);
        await using var follower = await Follower.StartAsync(database, Idle, cancellationToken);
        await Task.Delay(UntilCompiled, cancellationToken);
        var (worker, server) = (follower.Worker.ProcessorTime, context.Server.ProcessorTime);
        await Task.Delay(Length, cancellationToken);
        return
        [
            new Figure(Name, $"idle worker with {Idle}", (follower.Worker.ProcessorTime - worker) / Length * 100, "% of a core", AtMost: 1),
            new Figure(Name, $"its server with {Idle}", (context.Server.ProcessorTime - server) / Length * 100, "% of a core"),
        ];
    }

    /// <summary>By the commit times that the server keeps, of the rows that no later event changes: the first of an invoice and its tax.</summary>
    /// <param name="database">The store.</param>
    /// <param name="registry">The projections.</param>
    /// <param name="after">The first event counts as many were written before.</param>
    /// <param name="through">How many were written with the last.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    private static async Task<Latencies> LatenciesAsync(BenchmarkDatabase database, ProjectionRegistry registry, int after, int through, CancellationToken cancellationToken)
    {
        var all = new List<float>();
        foreach (var version in registry.Versions)
        {
            all.AddRange(await database.ScalarAsync<float[]>(
                $"""
                select array_agg((extract(epoch from pg_xact_commit_timestamp(r.xmin) - pg_xact_commit_timestamp(e.xmin)) * 1000)::real)
                from {version.Id.Table} as r
                join {BenchmarkDatabase.EventTable} as e on e.stream_id = r.invoice and e.version = r.entry
                where e.seq_id > {StoreEvents + after} and e.seq_id <= {StoreEvents + through} and r.entry in (1, 8)
                """,
                cancellationToken));
        }

        return new Latencies([.. all]);
    }
}
