using System.Diagnostics;
using Projections.Events;
using Projections.EventStoreDb;
using Projections.EventStoreDb.Testing;
using Projections.ReadModels.Invoicing;
using Projections.TestServers;

namespace Projections.CommandLine;

public sealed class DemoTests
{
    [PostgresFact(OwnCluster = true)]
    public async Task The_demo_switches_under_load_without_a_failed_read_and_leaves_nothing()
    {
        await using var place = new DemoPlace();
        var program = new BuiltProgram().With("TMPDIR", place.Folder);

        var figures = (await program.RunAsync("demo", "--events", "5000", "--json")).ShouldExitWith(0).Json;

        figures.GetProperty("failedReads").GetInt64().ShouldBe(0);
        figures.GetProperty("staleReads").GetInt64().ShouldBe(0);
        figures.GetProperty("reads").GetInt64().ShouldBeGreaterThan(100);
        figures.GetProperty("eventsAppended").GetInt64().ShouldBeGreaterThan(10);
        figures.GetProperty("versionsAgree").GetBoolean().ShouldBeTrue();
        figures.GetProperty("switches").GetArrayLength().ShouldBe(2);
        place.ShouldBeLeftClean();
    }

    [PostgresTheory(OwnCluster = true), OnTestServer, OnRealServer]
    public async Task The_demo_reads_its_events_from_an_event_store_db_that_is_named(StoreKind kind)
    {
        await using var store = await StoreUnderTest.OpenAsync(kind);
        await using var place = new DemoPlace();
        var program = new BuiltProgram().With("TMPDIR", place.Folder);

        var figures = (await program.RunAsync("demo", "--events", "2000", "--source", "eventstoredb", "--connection", store.ConnectionString, "--json")).ShouldExitWith(0).Json;

        figures.GetProperty("failedReads").GetInt64().ShouldBe(0);
        figures.GetProperty("versionsAgree").GetBoolean().ShouldBeTrue();
        figures.GetProperty("eventsAppended").GetInt64().ShouldBeGreaterThan(10);
        await using var source = await EventStoreDbSource.OpenAsync(store.ConnectionString);
        var invoices = new EventFilter(InvoicingEvents.Types.Names.ToHashSet(), "invoice");
        (await source.EstimateCountAsync(store.Start, invoices, CancellationToken.None)).Events.ShouldBeGreaterThan(1_000);
        place.ShouldBeLeftClean();
    }

    [Fact]
    public async Task A_demos_place_is_removed_when_the_last_one_who_works_in_it_has_gone()
    {
        var place = new DemoPlace();
        using var busy = Process.Start("/bin/sh", ["-c", """i=0; while [ $i -lt 300 ]; do i=$((i + 1)); mkdir -p "$1/$i"; done""", "sh", place.Folder]);

        await place.DisposeAsync();

        busy.HasExited.ShouldBeTrue();
        Directory.Exists(place.Folder).ShouldBeFalse();
    }

    [PostgresFact(OwnCluster = true)]
    public async Task The_demo_leaves_nothing_when_it_is_stopped_in_the_middle()
    {
        await using var place = new DemoPlace();
        await using var demo = new BuiltProgram().With("TMPDIR", place.Folder).Start("demo", "--events", "5000");
        await demo.SaysAsync("From now on");
        place.IsInUse.ShouldBeTrue();

        await demo.SignalAsync("INT");

        (await demo.EndAsync()).ShouldExitWith(130);
        place.ShouldBeLeftClean();
    }
}
