using Projections.Events;
using Projections.PostgresEvents.Marten;
using Projections.Testing;

namespace Projections.PostgresEvents.Tests.Conformance;

/// <summary>A store in Marten's layout, with streams named by UUID or by text.</summary>
internal sealed class MartenStore(TestDatabase database, bool streamsAreUuids) : EventStoreUnderTest
{
    private readonly MartenEventTable _table = new(database.DataSource, "events", new MartenLayout { StreamsAreUuids = streamsAreUuids });

    public static async Task<EventStoreUnderTest> CreateAsync(bool streamsAreUuids)
    {
        var store = new MartenStore(await PostgresForTests.CreateDatabaseAsync("marten"), streamsAreUuids);
        await store._table.CreateAsync();
        return store;
    }

    public override async Task<IEventSource> OpenAsync() =>
        await PostgresEventSource.OpenAsync(database.DataSource, EventTableMapping.Marten("events"));

    public override StreamId StreamOf(string category, int number) => streamsAreUuids
        ? new StreamId(new Guid(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes($"{category}-{number}"))[..16]))
        : new StreamId($"{category}-{number}");

    public override Task AppendAsync(string category, int number, params IReadOnlyList<(string Type, string Json)> events) =>
        _table.AppendAsync(StreamOf(category, number), events, category);

    public override ValueTask DisposeAsync() => database.DisposeAsync();
}
