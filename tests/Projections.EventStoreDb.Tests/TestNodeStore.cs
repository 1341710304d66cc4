using System.Text;
using Projections.Events;
using Projections.EventStoreDb.TestServer;
using Projections.Testing;

namespace Projections.EventStoreDb.Tests;

/// <summary>The test server as a store for the conformance suite; appended to over the wire.</summary>
internal sealed class TestNodeStore(TestNode node) : EventStoreUnderTest
{
    private readonly EventStoreAppender _appender = new(node.ConnectionString);

    /// <summary>A server takes appends of up to 1 MiB, unless its <c>--max-append-size</c> says otherwise.</summary>
    public override int LargestEvent => 1_000_000;

    public override async Task<IEventSource> OpenAsync() => await Opened.SourceAsync(node.ConnectionString);

    public override StreamId StreamOf(string category, int number) => new($"{category}-{number}");

    public override Task AppendAsync(string category, int number, params IReadOnlyList<(string Type, string Json)> events) =>
        _appender.AppendAsync(
            StreamOf(category, number).Text,
            StreamState.Any,
            [.. events.Select(one => new EventToAppend(one.Type, Encoding.UTF8.GetBytes(one.Json)))]);

    public override async ValueTask DisposeAsync()
    {
        _appender.Dispose();
        await node.DisposeAsync();
    }
}
