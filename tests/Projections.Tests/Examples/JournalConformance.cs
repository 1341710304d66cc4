using System.Text.Json.Nodes;
using Projections.Events;
using Projections.Testing;
using Projections.TestServers;

namespace Projections.Tests.Examples;

public sealed class JournalConformance : EventSourceConformanceTests
{
    protected override Task<EventStoreUnderTest> CreateStoreAsync() => Task.FromResult<EventStoreUnderTest>(new Journal());

    private sealed class Journal : EventStoreUnderTest
    {
        private readonly string _path = Path.GetTempFileName();
        private readonly Dictionary<StreamId, long> _versions = [];
        private readonly Lock _lock = new();

        public override Task<IEventSource> OpenAsync() => Task.FromResult<IEventSource>(new JournalSource(_path));

        public override StreamId StreamOf(string category, int number) => new($"{category}-{number}");

        public override Task AppendAsync(string category, int number, params IReadOnlyList<(string Type, string Json)> events)
        {
            lock (_lock)
            {
                File.AppendAllLines(_path, [.. events.Select(one => LineOf(StreamOf(category, number), one.Type, one.Json))]);
            }

            return Task.CompletedTask;
        }

        public override ValueTask DisposeAsync()
        {
            File.Delete(_path);
            return ValueTask.CompletedTask;
        }

        private string LineOf(StreamId stream, string type, string json)
        {
            _versions[stream] = _versions.GetValueOrDefault(stream) + 1;
            return new JsonObject
            {
                ["stream"] = stream.Text,
                ["version"] = _versions[stream],
                ["type"] = type,
                ["time"] = DateTime.UtcNow,
                ["data"] = JsonNode.Parse(json),
            }.ToJsonString();
        }
    }
}
