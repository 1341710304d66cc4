using Microsoft.Extensions.Logging.Abstractions;
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
        await using var program = await ProjectionProgram.OpenAsync(database.ConnectionString, VersionSets.Of(VersionSets.Documents), MemoryLimit, NullLoggerFactory.Instance);
        await using var worker = await WorkerProcess.StartAsync(database, VersionSets.Documents, MemoryLimit, cancellationToken);
        var rebuilding = new Rebuilding(program.System);
        var rates = projections.ToDictionary(projection => projection, _ => new List<double>());
        for (var round = 0; round < context.Options.Rounds; round++)
        {
            foreach (var projection in projections)
            {
                var version = await rebuilding.RunAsync(projection, 1, cancellationToken);
                rates[projection].Add(context.Options.Events / Rebuilding.TimeOf(version).TotalSeconds);
                await rebuilding.AbortAsync(projection, 1, cancellationToken);
                Console.WriteLine($"  {projection}: {Figure.Text(rates[projection][^1])} events/s; load {Machine.Load():0.0}");
            }
        }

        var rows = Figure.Middle(rates[InvoiceRows.Name]);
        return
        [
            .. projections.Select(projection => Figure.Median(Name, projection, rates[projection], "events/s")),
            new Figure(Name, "documents to rows", Figure.Middle(rates[InvoiceDocuments.Reflected]) / rows, "ratio"),
            new Figure(Name, "source-generated documents to rows", Figure.Middle(rates[InvoiceDocuments.Generated]) / rows, "ratio"),
        ];
    }
}
