using Npgsql;
using Projections.Events;
using Projections.PostgresEvents.Layout;
using Projections.PostgresEvents.Marten;
using Projections.Testing;
using Projections.TestServers;

namespace Projections.PostgresEvents.Tests.Reading;

/// <summary>By the hash of a stream's name the server chooses what it sends, and who folds leaves out what is not its own.</summary>
public sealed class StreamShareTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private const string Letters = "az-09żółć東";

    [PostgresFact]
    public async Task A_stream_has_the_hash_that_the_server_makes_of_its_name()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        var random = new Random(1);
        string[] texts = [.. Enumerable.Range(0, 300).Select(length => string.Concat(Enumerable.Range(0, length).Select(_ => Letters[random.Next(Letters.Length)])))];
        Guid[] guids = [.. Enumerable.Range(0, 300).Select(_ => Guid.NewGuid())];

        var ofTexts = await HashesAsync(database.DataSource, "select hashtext(one collate \"C\") from unnest($1::text[]) with ordinality as all_of_them (one, place) order by place", texts);
        var ofGuids = await HashesAsync(database.DataSource, "select uuid_hash(one) from unnest($1::uuid[]) with ordinality as all_of_them (one, place) order by place", guids);

        texts.Select(text => StreamShare.HashOf(new StreamId(text), asUuid: false)).ShouldBe(ofTexts);
        guids.Select(guid => StreamShare.HashOf(new StreamId(guid), asUuid: false)).ShouldBe(ofGuids);
        guids.Select(guid => StreamShare.HashOf(new StreamId(guid.ToString("N").ToUpperInvariant()), asUuid: true)).ShouldBe(ofGuids, "however it is spelled");
    }

    [Fact]
    public void Parts_leave_nothing_out_and_do_not_overlap()
    {
        foreach (var count in Enumerable.Range(1, 64))
        {
            var parts = StreamShare.All(asUuids: false).Split(count);
            (parts.Count, parts[0].From, parts[^1].To).ShouldBe((count, StreamShare.Least, StreamShare.End));
            parts.Zip(parts.Skip(1)).ShouldAllBe(pair => pair.First.To == pair.Second.From && pair.First.From < pair.First.To);
        }
    }

    [PostgresFact]
    public async Task However_narrow_a_share_is_the_server_reads_its_events_in_order_and_sorts_none()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        var store = new MartenEventTable(database.DataSource, "public", MartenLayout.Default);
        await store.CreateAsync();
        for (var stream = 0; stream < 500; stream++)
        {
            await store.AppendAsync(new StreamId(Guid.NewGuid()), [.. Enumerable.Repeat(("placed", "{}"), 10)]);
        }

        await database.ExecuteAsync("analyze mt_events");
        await using var connection = await database.DataSource.OpenConnectionAsync();
        var layout = await new EventTableInspection(connection, EventTableMapping.Marten()).RunAsync(CancellationToken.None);

        foreach (var share in StreamShare.All(asUuids: false).Split(4))
        {
            var copy = layout.Copy(0, 5_000, EventFilter.All with { Share = share });
            var query = copy[(copy.IndexOf('(', StringComparison.Ordinal) + 1)..copy.LastIndexOf(") TO", StringComparison.Ordinal)];
            var plan = await database.ScalarAsync<string>($"explain (format json) {query}");
            plan.ShouldNotContain("Sort");
        }
    }

    [PostgresFact]
    public async Task Each_event_is_in_one_share()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        var store = new MartenEventTable(database.DataSource, "public", MartenLayout.Default);
        await store.CreateAsync();
        var streams = Enumerable.Range(0, 200).Select(_ => new StreamId(Guid.NewGuid())).ToList();
        foreach (var stream in streams)
        {
            await store.AppendAsync(stream, [("placed", "{}")]);
        }

        await using var source = await PostgresEventSource.OpenAsync(database.DataSource, EventTableMapping.Marten());
        var head = await source.GetSafeHeadAsync(CancellationToken.None);
        var found = new List<StreamId>();
        foreach (var share in StreamShare.All(asUuids: false).Split(7))
        {
            await foreach (var batch in source.ReadAsync(EventPosition.BeforeFirst, head.Position, EventFilter.All with { Share = share }, CancellationToken.None))
            {
                batch.Memory.ToArray().ShouldAllBe(one => share.Has(one.Stream));
                found.AddRange(batch.Memory.ToArray().Select(one => one.Stream));
            }
        }

        found.Count.ShouldBe(streams.Count);
        found.ShouldBe(streams, ignoreOrder: true);
    }

    private static async Task<List<int>> HashesAsync<T>(NpgsqlDataSource server, string sql, T[] names)
    {
        await using var command = server.CreateCommand(sql);
        command.Parameters.Add(new NpgsqlParameter { Value = names });
        await using var reader = await command.ExecuteReaderAsync();
        var hashes = new List<int>();
        while (await reader.ReadAsync())
        {
            hashes.Add(reader.GetInt32(0));
        }

        return hashes;
    }
}
