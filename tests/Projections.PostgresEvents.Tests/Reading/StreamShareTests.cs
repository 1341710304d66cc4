using Npgsql;
using Projections.Events;
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
