using Npgsql;
using Projections.Benchmarks.Report;
using Projections.Benchmarks.Workers;

namespace Projections.Benchmarks.Measurements;

/// <summary>One program that serves many databases: a rebuild of all against one of a store with as many events, and what it costs when nothing happens.</summary>
internal sealed class DatabasesMeasurement : Measurement
{
    private const int Databases = 200;
    private const int MemoryLimit = 512;

    private static readonly TimeSpan Length = TimeSpan.FromSeconds(60);

    // A look makes a connection of its own and goes through all sessions, which both take the server's time.
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(1);

    // So long the runtime still compiles what has just run for the first time, and pools close what they need no longer.
    private static readonly TimeSpan UntilCalm = TimeSpan.FromSeconds(60);

    public override string Name => "databases";

    public override string What => $"{Databases} databases in one program: a rebuild of all, and nothing to do";

    public override async Task<IReadOnlyList<Figure>> RunAsync(BenchmarkContext context, CancellationToken cancellationToken)
    {
        var one = await MeasureAsync(context, context.Options.Events, 1, cancellationToken);
        var many = await MeasureAsync(context, context.Options.Events / Databases, Databases, cancellationToken);
        return
        [
            new Figure(Name, "rebuild of one large store", one.Rate, "events/s"),
            new Figure(Name, $"rebuild of {Databases} databases", many.Rate, "events/s"),
            new Figure(Name, "of the rate of one large store", many.Rate / one.Rate, "times", AtLeast: 0.8),
            new Figure(Name, "processor time of the worker for both", many.Worker / one.Worker, "times"),
            new Figure(Name, "processor time of the server for both", many.Server / one.Server, "times"),
            new Figure(Name, $"idle with {Databases}", many.Idle, "% of a core", AtMost: 3),
            new Figure(Name, "its server", many.IdleServer, "% of a core"),
            new Figure(Name, "most connections of a database, idle", many.Connections, "connections", AtMost: 8),
            new Figure(Name, "most connections of a database, rebuilding", many.ConnectionsBusy, "connections", AtMost: 8),
            new Figure(Name, "memory, idle", many.Memory, "MB"),
        ];
    }

    private static async Task<Outcome> MeasureAsync(BenchmarkContext context, int events, int databases, CancellationToken cancellationToken)
    {
        var (names, dropAsync) = await context.Server.CopiesOfStoreAsync(events, databases, cancellationToken);
        try
        {
            await using var fleet = await FleetProcess.StartAsync(names, context.Server.ConnectionTemplate, VersionSets.Invoices, MemoryLimit, cancellationToken);
            var (worker, server) = (fleet.ProcessorTime, context.Server.ProcessorTime);
            await fleet.AskForRebuildAsync(cancellationToken);
            var connectionsBusy = 0L;
            var (first, last) = (DateTime.MaxValue, DateTime.MinValue);
            foreach (var name in names)
            {
                (DateTime Asked, DateTime Ready)? course;
                while ((course = await ReadAsync(context.Server.ConnectionTemplate.Replace("{name}", name, StringComparison.Ordinal), cancellationToken)) is null)
                {
                    connectionsBusy = Math.Max(connectionsBusy, (await context.Server.ConnectionsAsync(names, cancellationToken)).Max());
                    await Task.Delay(BetweenLooks, cancellationToken);
                }

                first = first < course.Value.Asked ? first : course.Value.Asked;
                last = last > course.Value.Ready ? last : course.Value.Ready;
            }

            var elapsed = last - first;
            var outcome = new Outcome((double)events * databases / elapsed.TotalSeconds, fleet.ProcessorTime - worker, context.Server.ProcessorTime - server) { ConnectionsBusy = connectionsBusy };
            Console.WriteLine($"  {databases} with {events:N0} events each: {elapsed.TotalSeconds:0.0} s, worker {outcome.Worker.TotalSeconds:0.0} s, server {outcome.Server.TotalSeconds:0.0} s of processor time");
            return databases == 1 ? outcome : await RestAsync(context, fleet, names, outcome, cancellationToken);
        }
        finally
        {
            await dropAsync();
        }
    }

    private static async Task<Outcome> RestAsync(BenchmarkContext context, FleetProcess fleet, IReadOnlyList<string> names, Outcome outcome, CancellationToken cancellationToken)
    {
        await Task.Delay(UntilCalm, cancellationToken);
        var (worker, server) = (fleet.ProcessorTime, context.Server.ProcessorTime);
        await Task.Delay(Length, cancellationToken);
        return outcome with
        {
            Idle = (fleet.ProcessorTime - worker) / Length * 100,
            IdleServer = (context.Server.ProcessorTime - server) / Length * 100,
            Connections = (await context.Server.ConnectionsAsync(names, cancellationToken)).Max(),
            Memory = fleet.MemoryMegabytes,
        };
    }

    private static async Task<(DateTime Asked, DateTime Ready)?> ReadAsync(string connection, CancellationToken cancellationToken)
    {
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connection) { Pooling = false });
        await using var command = source.CreateCommand("select requested_at, ready_at from projections.version where ready_at is not null and phase = 'following'");
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? (reader.GetDateTime(0), reader.GetDateTime(1)) : null;
    }

    private sealed record Outcome(double Rate, TimeSpan Worker, TimeSpan Server)
    {
        public double Idle { get; init; }

        public double IdleServer { get; init; }

        public long Connections { get; init; }

        public long ConnectionsBusy { get; init; }

        public double Memory { get; init; }
    }
}
