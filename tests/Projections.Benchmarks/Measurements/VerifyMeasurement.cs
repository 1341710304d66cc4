using System.Data;
using System.Diagnostics;
using Npgsql;
using Projections.Benchmarks.Report;
using Projections.Benchmarks.Store;
using Projections.Tables;
using Projections.Verification;

namespace Projections.Benchmarks.Measurements;

/// <summary>How long it takes to compare two equal tables in ranges of keys, against one snapshot of both, and how long the longest snapshot lasts.</summary>
internal sealed class VerifyMeasurement : Measurement
{
    private const int TimesTheEvents = 10;

    /// <summary>What a comparison was before it went by ranges: a hash of all rows of each table, in one snapshot.</summary>
    private const string OneSnapshot =
        """
        select count(*), bit_xor(hashtextextended(hash_record_extended(
            row(id, number collate "C", customer collate "C", timestamptz_send(issued_at), lines, net, tax, closed), 0)::text collate "C", 0)) from
        """;

    public override string Name => "verify";

    public override string What => $"comparing two equal tables in short snapshots, of {TimesTheEvents} times '--events' rows each";

    public override async Task<IReadOnlyList<Figure>> RunAsync(BenchmarkContext context, CancellationToken cancellationToken)
    {
        await using var database = await context.StoreAsync(1_000, cancellationToken);
        var rows = context.Options.Events * TimesTheEvents;
        await FillAsync(database, rows, cancellationToken);
        var whole = new List<double>();
        var ranges = new List<double>();
        var snapshots = new List<double>();
        for (var round = 0; round < context.Options.Rounds; round++)
        {
            whole.Add(await SecondsAsync(async () =>
            {
                await database.ScalarAsync<long>($"{OneSnapshot} earlier", cancellationToken);
                await database.ScalarAsync<long>($"{OneSnapshot} later", cancellationToken);
            }));
            var lasted = new List<double>();
            ranges.Add(await SecondsAsync(() => CompareAsync(database, rows, lasted, cancellationToken)));
            snapshots.Add(lasted.Max());
            Console.WriteLine($"  one snapshot {whole[^1]:0.00} s, {lasted.Count} snapshots {ranges[^1]:0.00} s, the longest {snapshots[^1]:0.00} s");
        }

        return
        [
            Figure.Median(Name, "in one snapshot", whole, "s"),
            Figure.Median(Name, "in ranges", ranges, "s"),
            Figure.Median(Name, "ranges by one snapshot", [.. ranges.Zip(whole, (range, one) => range / one)], "x", atMost: 1.3),
            Figure.Median(Name, "longest snapshot", snapshots, "s", atMost: 5),
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

    private static async Task CompareAsync(BenchmarkDatabase database, int rows, List<double> lasted, CancellationToken cancellationToken)
    {
        await using var connection = await database.Sql.OpenConnectionAsync(cancellationToken);
        var earlier = await TableShapes.ReadAsync(connection, "public", "earlier", cancellationToken);
        var later = await TableShapes.ReadAsync(connection, "public", "later", cancellationToken);
        var comparison = new RowComparison(connection, ComparisonPlan.Of("earlier", earlier!, "later", later!, null), ComparisonPace.Usual);
        KeyWalk? walk = null;
        lasted.Add(await InSnapshotAsync(connection, async () => walk = await comparison.WalkAsync(null, ComparisonPace.Usual.FirstParts, cancellationToken), cancellationToken));
        var result = comparison.Nothing;
        while (!walk!.IsOver)
        {
            lasted.Add(await InSnapshotAsync(connection, async () => result = result.And((await comparison.CompareNextAsync(walk, cancellationToken))!), cancellationToken));
        }

        if (result.Equal != rows || !result.Agrees)
        {
            throw new InvalidOperationException($"Of {rows} equal rows {result.Equal} were found to be equal.");
        }
    }

    private static async Task<double> InSnapshotAsync(NpgsqlConnection connection, Func<Task> work, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        var took = await SecondsAsync(work);
        await transaction.CommitAsync(cancellationToken);
        return took;
    }

    private static async Task<double> SecondsAsync(Func<Task> work)
    {
        var began = Stopwatch.GetTimestamp();
        await work();
        return Stopwatch.GetElapsedTime(began).TotalSeconds;
    }
}
