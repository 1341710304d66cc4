using System.Diagnostics.Metrics;
using System.Text.RegularExpressions;
using Projections.Checks;
using Projections.EndToEnd;
using Projections.EndToEnd.Tallies;
using Projections.Operations;
using Projections.Reports;
using Projections.Serving;
using Projections.Testing;
using Projections.TestServers;

namespace Projections.Exporting.Tests;

public sealed partial class InstrumentTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    [PostgresFact]
    public async Task Every_instrument_is_documented_with_its_unit_and_nothing_else_is()
    {
        await using var world = await World.CreateAsync(postgres);
        using var measured = new Measured();
        using var gauges = new StatusGauges();

        var documented = InstrumentRow().Matches(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "metrics.md")))
            .ToDictionary(row => row.Groups["name"].Value, row => row.Groups["unit"].Value);
        measured.Instruments.ToDictionary(instrument => instrument.Name, instrument => instrument.Unit ?? "").ShouldBe(documented, ignoreOrder: true);
    }

    [PostgresFact]
    public async Task Alerts_and_dashboard_use_only_metrics_that_there_are()
    {
        await using var world = await World.CreateAsync(postgres);
        using var measured = new Measured();
        using var gauges = new StatusGauges();
        var known = measured.Instruments.SelectMany(PrometheusNames).ToHashSet();

        foreach (var file in new[] { "alerts.yml", "dashboard.json" })
        {
            var used = PrometheusName().Matches(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, file))).Select(name => name.Value).Distinct().ToList();
            used.Count.ShouldBeGreaterThan(5);
            used.Except(known).ShouldBeEmpty(file);
        }
    }

    [PostgresFact]
    public async Task What_a_rebuild_a_switch_and_a_check_do_is_measured()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.SeedTalliesAsync(300);
        using var measured = new Measured();
        var system = await world.OpenAsync(TallyWorld.Both);
        var worker = world.Start(system);
        await world.BuildAndSwitchAsync(system, "tally", 1);
        await new CheckCommand { Projection = TallyWorld.Tally }.RunAsync(system, World.Someone, default);
        await new StartFeedCommand { Projection = TallyWorld.Tally, Publish = true }.RunAsync(system, World.Someone, default);
        using var gauges = new StatusGauges();
        using var stop = new CancellationTokenSource();
        var reading = gauges.RunAsync(system, TimeSpan.FromMilliseconds(50), stop.Token);
        await measured.UntilAsync("projections.check.verdict projection=tally version=1");
        measured.Last("projections.feed.kept projection=tally").ShouldBeGreaterThan(0);
        measured.Last("projections.feed.pending projection=tally").ShouldBe(0);
        measured.Last("projections.feed.unpublished projection=tally").ShouldBe(0);
        measured.Last("projections.check.verdict projection=tally version=1").ShouldBe(0);
        measured.Last("projections.version.state projection=tally version=1 state=live").ShouldBe(1);
        measured.Last("projections.lag.events projection=tally version=1").ShouldBe(0);
        measured.Last("projections.announcements.waiting").ShouldBe(3);
        await world.StopAsync(worker);
        await stop.CancelAsync();
        await reading;

        measured.Names.ShouldAllBe(name => !name.Contains("database=", StringComparison.Ordinal), "there is one only");
        measured.Sum("projections.events projection=tally version=1").ShouldBe(300);
        foreach (var phase in new[] { "building", "replaying", "creating-indexes", "catching-up" })
        {
            measured.Count($"projections.phase.duration projection=tally version=1 phase={phase} outcome=done").ShouldBe(1, phase);
        }

        measured.Count("projections.switch.duration projection=tally outcome=done").ShouldBe(1);
        measured.Sum("projections.checks projection=tally version=1 verdict=healthy").ShouldBe(1);
        // Taken for the build and for the lockstep; given back after each.
        measured.Sum("projections.lease.changes projection=tally version=1 change=taken").ShouldBe(2);
        measured.Sum("projections.lease.changes projection=tally version=1 change=released").ShouldBe(2);
        measured.Sum("projections.lease.changes projection=tally version=1 change=lost").ShouldBe(0);
    }

    [PostgresFact]
    public async Task Where_several_databases_are_served_each_measurement_bears_the_name_of_its_own()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.SeedTalliesAsync(300);
        using var process = new ProcessResources(new ProjectionsOptions());
        var system = await world.OpenAsync(TallyWorld.Both, place: new ServingPlace("north", process, ConnectionShare.Of(ConnectionShare.Least)));
        using var measured = new Measured();
        var worker = world.Start(system);
        await world.BuildAndSwitchAsync(system, "tally", 1);
        await new CheckCommand { Projection = TallyWorld.Tally }.RunAsync(system, World.Someone, default);
        using var gauges = new StatusGauges();
        using var stop = new CancellationTokenSource();
        var reading = gauges.RunAsync(system, TimeSpan.FromMilliseconds(50), stop.Token);
        await measured.UntilAsync("projections.check.verdict projection=tally version=1 database=north");
        await world.StopAsync(worker);
        await stop.CancelAsync();
        await reading;

        measured.Sum("projections.events projection=tally version=1 database=north").ShouldBe(300);
        measured.Count("projections.switch.duration projection=tally outcome=done database=north").ShouldBe(1);
        measured.Names.ShouldAllBe(name => name.EndsWith(" database=north", StringComparison.Ordinal));
    }

    /// <summary>The names that the OpenTelemetry collector's Prometheus exporter makes.</summary>
    private static IEnumerable<string> PrometheusNames(Instrument instrument)
    {
        var kind = instrument.GetType().Name;
        var unit = instrument.Unit switch { "s" => "_seconds", "1" when kind.StartsWith("Observable", StringComparison.Ordinal) => "_ratio", "{event}/s" => "_per_second", _ => "" };
        var name = instrument.Name.Replace('.', '_') + unit;
        return kind switch
        {
            _ when kind.StartsWith("Counter", StringComparison.Ordinal) => [$"{name}_total"],
            _ when kind.StartsWith("Histogram", StringComparison.Ordinal) => [$"{name}_bucket", $"{name}_sum", $"{name}_count"],
            _ => [name],
        };
    }

    [GeneratedRegex(@"^\| `(?<name>projections\.[a-z_.]+)` \|[^`]*`(?<unit>[^`]+)` \|", RegexOptions.Multiline)]
    private static partial Regex InstrumentRow();

    [GeneratedRegex(@"\bprojections_[a-z_]+")]
    private static partial Regex PrometheusName();
}
