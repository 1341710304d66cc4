using Projections.Benchmarks.Documents;
using Projections.Benchmarks.Report;
using Projections.Benchmarks.Workers;

namespace Projections.Benchmarks.Measurements;

/// <summary>What it costs to keep the same invoices as documents in place of rows.</summary>
internal sealed class DocumentMeasurement : Measurement
{
    private const int MemoryLimit = 512;

    public override string Name => "documents";

    public override string What => "a rebuild of the same invoices as rows and as aggregates, in turn";

    public override async Task<IReadOnlyList<Figure>> RunAsync(BenchmarkContext context, CancellationToken cancellationToken)
    {
        string[] projections = [InvoiceRows.Name, InvoiceDocuments.Reflected, InvoiceDocuments.Generated];
        await using var database = await context.StoreAsync(context.Options.Events, cancellationToken);
        await using var program = await ProjectionProgram.OpenAsync(database.ConnectionString, VersionSets.Of(VersionSets.Documents), MemoryLimit);
        await using var worker = await WorkerProcess.StartAsync(database, VersionSets.Documents, MemoryLimit, cancellationToken);
        var rebuilding = new Rebuilding(program.System);
        var rates = projections.ToDictionary(projection => projection, _ => new List<double>());
        var workers = projections.ToDictionary(projection => projection, _ => new List<double>());
        var servers = projections.ToDictionary(projection => projection, _ => new List<double>());
        var million = context.Options.Events / 1_000_000d;
        for (var round = 0; round < context.Options.Rounds; round++)
        {
            foreach (var projection in projections)
            {
                var (own, server) = (worker.ProcessorTime, context.Server.ProcessorTime);
                var version = await rebuilding.RunAsync(projection, 1, cancellationToken);
                workers[projection].Add((worker.ProcessorTime - own).TotalSeconds / million);
                servers[projection].Add((context.Server.ProcessorTime - server).TotalSeconds / million);
                rates[projection].Add(context.Options.Events / Rebuilding.TimeOf(version).TotalSeconds);
                await rebuilding.AbortAsync(projection, 1, cancellationToken);
                Console.WriteLine(
                    $"  {projection}: {Figure.Text(rates[projection][^1])} events/s, {workers[projection][^1]:0.00} s of processor time a million events, and {servers[projection][^1]:0.00} s in the server; load {Machine.Load():0.0}");
            }
        }

        return
        [
            .. projections.Select(projection => Figure.Median(Name, projection, rates[projection], "events/s")),
            .. projections.Select(projection => Figure.Median(Name, $"processor time of the worker, {projection}", workers[projection], "s a million events")),
            .. projections.Select(projection => Figure.Median(Name, $"processor time of the server, {projection}", servers[projection], "s a million events")),
        ];
    }
}
