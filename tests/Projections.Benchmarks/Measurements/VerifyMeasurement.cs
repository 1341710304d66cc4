using System.Data;
using System.Diagnostics;
using Projections.Benchmarks.Report;
using Projections.Benchmarks.Store;
using Projections.Tables;
using Projections.Verification;

namespace Projections.Benchmarks.Measurements;

/// <summary>How long it takes to compare two equal tables, against two plain scans that work out the same hashes.</summary>
internal sealed class VerifyMeasurement : Measurement
{
    private const int TimesTheEvents = 10;

    private const string Scan =
        """
        select bit_xor(hash_record_extended(row(id, number, customer, timestamptz_send(issued_at), lines, net, tax, closed), 0)) from
        """;

    public override string Name => "verify";

    public override string What => $"comparing two equal tables, of {TimesTheEvents} times '--events' rows each";

    public override async Task<IReadOnlyList<Figure>> RunAsync(BenchmarkContext context, CancellationToken cancellationToken)
    {
        await using var database = await context.StoreAsync(1_000, cancellationToken);
        var rows = context.Options.Events * TimesTheEvents;
        await FillAsync(database, rows, cancellationToken);
        var floors = new List<double>();
        var comparisons = new List<double>();
        for (var round = 0; round < context.Options.Rounds; round++)
        {
            floors.Add(await SecondsAsync(async () =>
            {
                await database.ScalarAsync<long>($"{Scan} earlier", cancellationToken);
                await database.ScalarAsync<long>($"{Scan} later", cancellationToken);
            }));
            comparisons.Add(await SecondsAsync(() => CompareAsync(database, rows, cancellationToken)));
            Console.WriteLine($"  two scans {floors[^1]:0.00} s, comparison {comparisons[^1]:0.00} s");
        }

        return
        [
            Figure.Median(Name, "two plain scans", floors, "s"),
            Figure.Median(Name, "comparison", comparisons, "s"),
            Figure.Median(Name, "comparison by scans", [.. comparisons.Zip(floors, (comparison, floor) => comparison / floor)], "x", atMost: 1.5),
        ];
    }

    private static async Task FillAsync(BenchmarkDatabase database, int rows, CancellationToken cancellationToken) =>
        await database.ExecuteAsync(
            $"""
            create table earlier (id uuid primary key, number text not null, customer text not null, issued_at timestamptz not null,
                lines integer not null, net numeric not null, tax numeric not null, closed boolean not null);
            create table later (like earlier including indexes);
            insert into earlier select md5(i::text)::uuid, 'INV-' || i, 'customer ' || i % 1000, timestamptz '2020-01-01' + i * interval '1 minute',
                i % 20, i / 100.0, i / 500.0, i % 3 = 0 from generate_series(1, {rows}) i;
            insert into later select * from earlier order by issued_at desc;
            analyze earlier, later;
            checkpoint
            """,
            cancellationToken);

    private static async Task CompareAsync(BenchmarkDatabase database, int rows, CancellationToken cancellationToken)
    {
        await using var connection = await database.Sql.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        var earlier = await TableShapes.ReadAsync(connection, "public", "earlier", cancellationToken);
        var later = await TableShapes.ReadAsync(connection, "public", "later", cancellationToken);
        var result = await new RowComparison(connection, ComparisonPlan.Of("earlier", earlier!, "later", later!, null)).RunAsync(cancellationToken);
        if (result.Equal != rows || !result.Agrees)
        {
            throw new InvalidOperationException($"Of {rows} equal rows {result.Equal} were found to be equal.");
        }
    }

    private static async Task<double> SecondsAsync(Func<Task> work)
    {
        var began = Stopwatch.GetTimestamp();
        await work();
        return Stopwatch.GetElapsedTime(began).TotalSeconds;
    }
}
