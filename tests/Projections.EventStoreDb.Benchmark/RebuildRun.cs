using System.Diagnostics;
using System.Globalization;
using Projections.Benchmarks.Report;
using Projections.Catalog;
using Projections.Commands;
using Projections.Definitions;
using Projections.LocalPostgres;
using Projections.Operations;
using Projections.ReadModels.InvoiceSummary.V1;
using Projections.Workers;

namespace Projections.EventStoreDb.Benchmark;

/// <summary>Rebuilds in this process, each into a database of its own, with the processor time that each part takes.</summary>
internal sealed class RebuildRun(ServerProcess server, LocalPostgresCluster cluster)
{
    private readonly int _postmaster = int.Parse(File.ReadLines(Path.Combine(cluster.DataFolder, "postmaster.pid")).First(), CultureInfo.InvariantCulture);

    /// <summary>Events a second, and processor time in microseconds an event of worker, event store and PostgreSQL.</summary>
    public async Task<(double Rate, double Worker, double Store, double Postgres)> RunAsync(int number)
    {
        var database = await cluster.CreateDatabaseAsync($"rebuild{number}");
        var source = await server.OpenSourceAsync();
        var registry = ProjectionRegistry.FromAssemblies(typeof(InvoiceSummaryV1).Assembly);
        await using var system = new ProjectionSystem(
            registry, database, source, new ProjectionsOptions(), Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance);
        await system.Catalog.InstallAsync(CancellationToken.None);
        await using var worker = Worker.Start(system);
        var projection = new ProjectionName("invoice_summary");
        GC.Collect();
        var before = Times();
        var began = Stopwatch.GetTimestamp();
        await new RebuildCommand { Projection = projection, To = 1 }.RunAsync(system, new CommandContext("benchmark"), CancellationToken.None);
        while (true)
        {
            var version = (await system.Catalog.ReadAsync(projection, CancellationToken.None))!.Find(1)!;
            if (version.State is VersionState.Failed)
            {
                throw new InvalidOperationException(version.Failure);
            }

            // The replay alone: indexes and statistics come after it, whatever the source.
            if (version.EventsDone >= server.Events)
            {
                var took = Stopwatch.GetElapsedTime(began);
                var after = Times();
                return (
                    version.EventsDone / took.TotalSeconds,
                    (after.Worker - before.Worker).TotalMicroseconds / version.EventsDone,
                    (after.Store - before.Store).TotalMicroseconds / version.EventsDone,
                    (after.Postgres - before.Postgres).TotalMicroseconds / version.EventsDone);
            }

            await Task.Delay(10);
        }
    }

    private (TimeSpan Worker, TimeSpan Store, TimeSpan Postgres) Times() =>
        (Environment.CpuUsage.TotalTime, ProcessorTime.OfFamily(server.Id), ProcessorTime.OfFamily(_postmaster));
}
