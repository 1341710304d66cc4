using Projections.Events;
using Projections.PostgresEvents.Marten;
using Projections.Testing;
using Projections.TestServers;

namespace Projections.PostgresEvents.Tests.Reading;

/// <summary>Streams whose first events are gone are told from whole ones, by what is wanted of them.</summary>
public sealed class LostBeginningTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>, IAsyncLifetime
{
    private static readonly StreamId First = new(new Guid(1, 0, 0, new byte[8]));
    private static readonly StreamId Second = new(new Guid(2, 0, 0, new byte[8]));

    private TestDatabase _database = null!;

    public async Task InitializeAsync() => _database = await postgres.CreateDatabaseAsync();

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [PostgresFact]
    public async Task A_stream_is_whole_when_its_first_event_is_there_whether_it_is_wanted_or_not()
    {
        await using var source = await FillAsync(MartenLayout.Default, (First, ["placed", "paid"]), (Second, ["opened", "placed", "paid"]));

        var lost = await FindAsync(source, "placed", "paid");

        (lost.Streams, lost.Events, lost.Examples.Count, lost.StandIns.Count, lost.Traces.Count).ShouldBe((0, 0, 0, 0, 0));
        (await LostAsync(source)).ShouldBe([false, false, false, false, false]);
    }

    [PostgresFact]
    public async Task Where_every_stream_has_as_many_events_as_it_was_given_none_is_looked_at()
    {
        await using var source = await FillAsync(MartenLayout.Default, (First, ["placed", "paid"]), (Second, ["placed"]));
        await _database.ExecuteAsync("UPDATE events.mt_events SET version = version + 10");

        // As nothing is missing, that the numbers begin too late is not even seen.
        (await FindAsync(source, "placed", "paid")).Streams.ShouldBe(0);

        await _database.ExecuteAsync("DELETE FROM events.mt_events WHERE type = 'paid'");
        (await FindAsync(source, "placed", "paid")).Streams.ShouldBe(2);
    }

    [PostgresFact]
    public async Task A_stream_counts_where_something_wanted_is_left_of_it_and_by_its_category()
    {
        await using var source = await FillAsync(MartenLayout.Default, (First, ["placed", "paid", "paid"]), (Second, ["placed", "sent"]));
        await _database.ExecuteAsync("DELETE FROM events.mt_events WHERE type = 'placed'");

        var lost = await FindAsync(source, "placed", "paid");

        (lost.Streams, lost.Events, lost.StandIns.Count).ShouldBe((1, 1, 0));
        lost.Examples.ShouldBe([$"'{First}' begins at version 2"]);
        (await FindAsync(source, "placed", "sent")).Examples.ShouldBe([$"'{Second}' begins at version 2"]);
        (await FindAsync(source, "paid", "sent")).Streams.ShouldBe(2);
        (await source.FindLostBeginningsAsync(new EventFilter(new HashSet<string> { "paid" }, "invoice"), CancellationToken.None)).Streams.ShouldBe(0);
        (await LostAsync(source)).ShouldBe([true, true, true]);
    }

    [PostgresFact]
    public async Task A_snapshot_that_is_wanted_is_a_beginning_and_one_that_is_not_stands_for_a_loss_alone()
    {
        await using var source = await FillAsync(MartenLayout.Default, (First, ["placed", "Compacted<Order>"]), (Second, ["placed", "JasperFx.Events.Compacted<Shop.Cart>"]));
        await _database.ExecuteAsync("DELETE FROM events.mt_events WHERE type = 'placed'");

        var lost = await FindAsync(source, "placed", "Compacted<Order>");

        lost.Examples.ShouldBe([$"'{Second}' begins at version 2"]);
        lost.StandIns.ShouldBe(["JasperFx.Events.Compacted<Shop.Cart>"]);
    }

    [PostgresFact]
    public async Task Tenants_streams_of_one_name_are_told_apart()
    {
        var store = await CreateAsync(new MartenLayout { IsConjoined = true });
        foreach (var tenant in (string[])["acme", "umbrella"])
        {
            await store.AppendAsync(First, [("placed", "{}"), ("paid", "{}")], tenant: tenant);
        }

        await _database.ExecuteAsync("DELETE FROM events.mt_events WHERE tenant_id = 'umbrella' AND version = 1");
        await using var source = await OpenAsync();

        (await FindAsync(source, "placed", "paid")).Streams.ShouldBe(1);
        (await LostAsync(source)).ShouldBe([false, false, true]);
    }

    [PostgresFact]
    public async Task A_mapping_that_does_not_say_where_streams_begin_finds_nothing()
    {
        await using (await FillAsync(MartenLayout.Default, (First, ["placed", "paid"])))
        {
            await _database.ExecuteAsync("DELETE FROM events.mt_events WHERE version = 1");
        }

        await using var source = await PostgresEventSource.OpenAsync(_database.DataSource, Mapping with { FirstInStream = null });

        (await FindAsync(source, "paid")).ShouldBe(LostBeginnings.None);
        (await LostAsync(source)).ShouldBe([false]);
    }

    [PostgresFact]
    public async Task A_few_numbers_without_events_tell_nothing()
    {
        var store = await CreateAsync(MartenLayout.Default);
        await store.SeedAsync(Enumerable.Range(1, 200).Select(number => new MartenEvent(First, number, "placed", "{}", DateTime.UnixEpoch)));
        await using var source = await OpenAsync();
        await _database.ExecuteAsync("DELETE FROM events.mt_events WHERE seq_id BETWEEN 100 AND 101");

        (await FindAsync(source, "placed")).Traces.ShouldBeEmpty();
        await _database.ExecuteAsync("DELETE FROM events.mt_events WHERE seq_id < 3");
        (await FindAsync(source, "placed")).Traces.ShouldHaveSingleItem().ShouldStartWith("4 of 200 event numbers hold no event (the first that does is 3).");
    }

    private static EventTableMapping Mapping => EventTableMapping.Marten("events") with { GraceTime = TimeSpan.Zero };

    private static Task<LostBeginnings> FindAsync(PostgresEventSource source, params IEnumerable<string> types) =>
        source.FindLostBeginningsAsync(EventFilter.OfTypes(types), CancellationToken.None);

    // Of each event that is left.
    private static async Task<List<bool>> LostAsync(PostgresEventSource source)
    {
        var head = await source.GetSafeHeadAsync(CancellationToken.None);
        var lost = new List<bool>();
        await foreach (var batch in source.ReadAsync(EventPosition.BeforeFirst, head.Position, EventFilter.All, CancellationToken.None))
        {
            foreach (var one in batch.Memory.ToArray())
            {
                lost.Add(await source.HasLostBeginningAsync(one, CancellationToken.None));
            }
        }

        return lost;
    }

    private async Task<PostgresEventSource> FillAsync(MartenLayout layout, params (StreamId Stream, string[] Types)[] streams)
    {
        var store = await CreateAsync(layout);
        foreach (var (stream, types) in streams)
        {
            await store.AppendAsync(stream, [.. types.Select(type => (type, "{}"))], "order");
        }

        return await OpenAsync();
    }

    private async Task<MartenEventTable> CreateAsync(MartenLayout layout)
    {
        var store = new MartenEventTable(_database.DataSource, "events", layout);
        await store.CreateAsync();
        return store;
    }

    private Task<PostgresEventSource> OpenAsync() => PostgresEventSource.OpenAsync(_database.DataSource, Mapping);
}
