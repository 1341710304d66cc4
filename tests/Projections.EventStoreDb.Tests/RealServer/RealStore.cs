using System.Text;
using Projections.Events;
using Projections.Testing;

namespace Projections.EventStoreDb.Tests.RealServer;

/// <summary>A real server as a store for one conformance test: streams of its own, and nothing of what was there before.</summary>
internal sealed class RealStore : EventStoreUnderTest
{
    private readonly string _suffix = Guid.NewGuid().ToString("n");
    private readonly string _connectionString;
    private readonly EventStoreAppender _appender;
    private EventPosition _start;

    private RealStore(string connectionString)
    {
        _connectionString = connectionString;
        _appender = new EventStoreAppender(connectionString);
    }

    public static async Task<RealStore> CreateAsync(string connectionString)
    {
        var store = new RealStore(connectionString);
        await using var source = await EventStoreDbSource.OpenAsync(connectionString);
        store._start = (await source.GetSafeHeadAsync(CancellationToken.None)).Position;
        return store;
    }

    public override async Task<IEventSource> OpenAsync() => new SinceSource(await EventStoreDbSource.OpenAsync(_connectionString), _start);

    public override StreamId StreamOf(string category, int number) => new($"{category}-{number}-{_suffix}");

    public override Task AppendAsync(string category, int number, params IReadOnlyList<(string Type, string Json)> events) =>
        _appender.AppendAsync(
            StreamOf(category, number).Text,
            StreamState.Any,
            [.. events.Select(one => new EventToAppend(one.Type, Encoding.UTF8.GetBytes(one.Json)))]);

    public override ValueTask DisposeAsync()
    {
        _appender.Dispose();
        return ValueTask.CompletedTask;
    }
}
