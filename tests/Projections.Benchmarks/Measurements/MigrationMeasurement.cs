using System.Diagnostics;
using Npgsql;
using Projections.Benchmarks.Report;
using Projections.Benchmarks.Store;
using Projections.Migrations;
using Projections.Migrations.Copies;
using Projections.Migrations.Running;
using Projections.Migrations.Safety;

namespace Projections.Benchmarks.Measurements;

/// <summary>What a file of thousands of inserts takes to be checked and to be applied, beside psql, which just runs it.</summary>
internal sealed class MigrationMeasurement : Measurement
{
    private const int StoreEvents = 10_000;
    private const int Inserts = 20_000;
    private const double Goal = 1.5;
    private const string Clean = "truncate entries";

    public override string Name => "migrations";

    public override string What => $"a migration of {Inserts:N0} inserts: by psql, its check on a copy, and its run, in turn";

    public override async Task<IReadOnlyList<Figure>> RunAsync(BenchmarkContext context, CancellationToken cancellationToken)
    {
        await using var database = await context.StoreAsync(StoreEvents, cancellationToken);
        await database.ExecuteAsync("create table entries (id bigint primary key, at timestamptz not null, what text not null, amount numeric not null)", cancellationToken);
        var folder = Directory.CreateTempSubdirectory("migrations_");
        try
        {
            var up = await WriteAsync(folder, cancellationToken);
            var options = new MigrationOptions { Folder = folder.FullName, Service = "benchmark" };
            var (psql, check, run) = (new List<Cost>(), new List<Cost>(), new List<Cost>());
            for (var round = 0; round < context.Options.Rounds; round++)
            {
                psql.Add(await CostAsync(context, () => PsqlAsync(database, up, cancellationToken)));
                await database.ExecuteAsync(Clean, cancellationToken);
                check.Add(await CostAsync(context, () => CheckAsync(database, options, cancellationToken)));
                run.Add(await CostAsync(context, () => ApplyAsync(database, options, cancellationToken)));
                (await new MigrationRunner(database.Sql, options).DownAsync(new DownRequest(), cancellationToken)).ThrowIfFailed();
                Console.WriteLine($"  psql {psql[^1]}, check {check[^1]}, run {run[^1]}; load {Machine.Load():0.0}");
            }

            return [.. Figures("psql", psql, psql), .. Figures("check", check, psql, Goal), .. Figures("run", run, psql)];
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private IEnumerable<Figure> Figures(string what, List<Cost> costs, List<Cost> psql, double? atMost = null)
    {
        yield return Figure.Median(Name, what, costs.ConvertAll(cost => cost.Elapsed), "s");
        yield return Figure.Median(Name, $"processor time, {what}", costs.ConvertAll(cost => cost.Processor), "s");
        if (costs != psql)
        {
            yield return Figure.Median(Name, $"{what} to psql", [.. costs.Zip(psql, (one, other) => one.Elapsed / other.Elapsed)], "ratio", atMost: atMost);
            yield return Figure.Median(Name, $"processor time, {what} to psql", [.. costs.Zip(psql, (one, other) => one.Processor / other.Processor)], "ratio");
        }
    }

    private static async Task<string> WriteAsync(DirectoryInfo folder, CancellationToken cancellationToken)
    {
        var up = Path.Combine(folder.FullName, "001_entries.up.sql");
        await File.WriteAllLinesAsync(
            up, Enumerable.Range(1, Inserts).Select(i => $"insert into entries (id, at, what, amount) values ({i}, '2026-01-01', 'entry {i}', {i}.25);"), cancellationToken);
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "001_entries.down.sql"), Clean, cancellationToken);
        return up;
    }

    private static async Task<Cost> CostAsync(BenchmarkContext context, Func<Task> work)
    {
        var (began, used) = (Stopwatch.GetTimestamp(), ProcessorTimeOf(context));
        await work();
        return new Cost(Stopwatch.GetElapsedTime(began).TotalSeconds, (ProcessorTimeOf(context) - used).TotalSeconds);
    }

    // Of this process, of psql and pg_dump, which are its children, and of the server.
    private static TimeSpan ProcessorTimeOf(BenchmarkContext context) => ProcessorTime.OfFamily(Environment.ProcessId) + context.Server.ProcessorTime;

    private static async Task PsqlAsync(BenchmarkDatabase database, string file, CancellationToken cancellationToken)
    {
        var address = new NpgsqlConnectionStringBuilder(database.ConnectionString);
        var start = new ProcessStartInfo("psql", ["--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", $"--file={file}"])
        {
            Environment =
            {
                ["PGHOST"] = address.Host,
                ["PGPORT"] = $"{address.Port}",
                ["PGUSER"] = address.Username,
                ["PGPASSWORD"] = address.Password,
                ["PGDATABASE"] = address.Database,
            },
        };
        using var process = Process.Start(start)!;
        await process.WaitForExitAsync(cancellationToken);
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"psql ended with {process.ExitCode}.");
        }
    }

    private static async Task CheckAsync(BenchmarkDatabase database, MigrationOptions options, CancellationToken cancellationToken)
    {
        var report = await new SafetyCheck(options, new CopyOptions()).RunAsync(new SafetyRequest { Database = database.ConnectionString }, cancellationToken);
        if (!report.IsSafe)
        {
            throw new InvalidOperationException(string.Join(Environment.NewLine, report.Findings.Select(finding => finding.What)));
        }
    }

    private static async Task ApplyAsync(BenchmarkDatabase database, MigrationOptions options, CancellationToken cancellationToken) =>
        (await new MigrationRunner(database.Sql, options).UpAsync(new UpRequest(), cancellationToken)).ThrowIfFailed();

    /// <summary>What a piece of work took, in seconds.</summary>
    private readonly record struct Cost(double Elapsed, double Processor)
    {
        public override string ToString() => $"{Elapsed:0.00} s ({Processor:0.00} s of processor time)";
    }
}
