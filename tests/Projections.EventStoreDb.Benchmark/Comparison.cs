using System.Diagnostics;
using System.Globalization;
using Projections.Events;
using Projections.LocalPostgres;
using Projections.ReadModels.Invoicing;

namespace Projections.EventStoreDb.Benchmark;

/// <summary>Reads the same events in all ways there are, one after the other and several times, and prints the middle of each.</summary>
internal sealed class Comparison(ServerProcess server, string? vendorFolder)
{
    private const int Rounds = 5;

    private readonly List<double> _processor = [];

    public async Task RunAsync()
    {
        var floor = new List<double>();
        var everything = new List<double>();
        var filtered = new List<double>();
        var memory = new List<long>();
        var processor = new List<string>();
        for (var round = 0; round <= Rounds; round++)
        {
            var rates = (
                Floor: await RateAsync(() => BareReader.CountAsync("127.0.0.1", server.Port)),
                Everything: await RateAsync(() => ReadAsync(EventFilter.All)),
                Filtered: await RateAsync(() => ReadAsync(EventFilter.OfTypes(InvoicingEvents.Types.Names))));
            processor.Add(Text($"{_processor[0]:0.00}/{_processor[1]:0.00}/{_processor[2]:0.00}"));
            _processor.Clear();
            memory.Add(Environment.WorkingSet / (1 << 20));
            // The first round compiles.
            if (round > 0)
            {
                floor.Add(rates.Floor);
                everything.Add(rates.Everything);
                filtered.Add(rates.Filtered);
            }
        }

        var bare = Print("bare HTTP/2, frames only (the floor)", floor, null);
        Print("our reader, all types", everything, bare);
        var ours = Print("our reader, by types", filtered, bare);
        Console.WriteLine($"{"processor time per event, µs (all three)",-40} {string.Join(' ', processor)}");
        Console.WriteLine($"{"working set after each round, MB",-40} {string.Join(' ', memory)}");
        foreach (var package in vendorFolder is null ? [] : (string[])["@eventstore/db-client", "@kurrent/kurrentdb-client"])
        {
            var vendor = Print(package, [await VendorAsync(package), await VendorAsync(package)], bare);
            Console.WriteLine(Text($"{"",-40} ours is {ours / vendor:0.0} times as fast"));
        }

        await RebuildAsync(ours);
    }

    private async Task<double> RateAsync(Func<Task<long>> read)
    {
        GC.Collect();
        var began = Stopwatch.GetTimestamp();
        var before = Environment.CpuUsage.TotalTime;
        var count = await read();
        _processor.Add((Environment.CpuUsage.TotalTime - before).TotalMicroseconds / count);
        return count == server.Events
            ? count / Stopwatch.GetElapsedTime(began).TotalSeconds
            : throw new InvalidOperationException($"{count} events were read in place of {server.Events}.");
    }

    private async Task<long> ReadAsync(EventFilter filter)
    {
        await using var source = await server.OpenSourceAsync();
        var head = await source.GetSafeHeadAsync(CancellationToken.None);
        long count = 0;
        await foreach (var batch in source.ReadAsync(EventPosition.BeforeFirst, head.Position, filter, CancellationToken.None))
        {
            count += batch.Count;
            batch.Dispose();
        }

        return count;
    }

    private async Task<double> VendorAsync(string package)
    {
        var start = new ProcessStartInfo("node", [Path.Combine(AppContext.BaseDirectory, "count.mjs"), vendorFolder!, package, server.ConnectionString])
        {
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        var said = (await process.StandardOutput.ReadToEndAsync()).Split(' ');
        await process.WaitForExitAsync();
        return double.Parse(said[0], CultureInfo.InvariantCulture) / double.Parse(said[1], CultureInfo.InvariantCulture);
    }

    /// <summary>Several rebuilds, each beside its floor; the first of them compiles.</summary>
    private async Task RebuildAsync(double reader)
    {
        var folding = new List<double>();
        var rebuilds = new List<double>();
        var processor = new List<string>();
        await using var cluster = await LocalPostgresCluster.StartAsync();
        var run = new RebuildRun(server, cluster);
        _processor.Clear();
        for (var round = 0; round <= Rounds; round++)
        {
            folding.Add(await RateAsync(FoldAsync));
            var (rate, worker, store, postgres) = await run.RunAsync(round);
            rebuilds.Add(rate);
            processor.Add(Text($"{_processor[0]:0.00}/{worker:0.00}/{store:0.00}/{postgres:0.00}"));
            _processor.Clear();
        }

        var floor = Print("our reader, decoded and folded", folding[1..], reader, "of our reader's rate");
        Print("rebuild of invoice_summary v1, warm", rebuilds[1..], reader, "of our reader's rate");
        Print("", rebuilds[1..], floor, "of what is decoded and folded");
        Print("the first of a process", rebuilds[..1], reader, "of our reader's rate");
        Console.WriteLine("processor time per event, µs (decoded and folded; the rebuild's worker, event store, PostgreSQL)");
        Console.WriteLine($"{"",-40} {string.Join(' ', processor)}");
    }

    private async Task<long> FoldAsync()
    {
        await using var source = await server.OpenSourceAsync();
        return await FoldingReader.RunAsync(source, InvoicingEvents.Types.Names);
    }

    private static double Print(string what, List<double> rates, double? other, string ofWhat = "of the floor")
    {
        rates.Sort();
        var middle = rates[rates.Count / 2];
        var share = other is { } reference ? Text($", {middle / reference:0.00} {ofWhat}") : "";
        Console.WriteLine(Text($"{what,-40} {middle,12:N0} events/s{share}"));
        return middle;
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
