using System.Collections.Concurrent;
using System.Text;
using Google.Protobuf;
using Projections.Events;
using Projections.EventStoreDb.Connection;
using Projections.EventStoreDb.Grpc;
using Projections.EventStoreDb.Protocol;
using Projections.EventStoreDb.TestServer;
using Projections.EventStoreDb.TestServer.Log;
using Projections.EventStoreDb.TestServer.Protocol;
using Projections.TestServers;

namespace Projections.EventStoreDb.Testing;

/// <summary>
/// A store for one test, written to over the wire. A real server has other data too, and goes on getting links and statistics of its
/// own; so a test names its streams through <see cref="Named"/>, begins at <see cref="Start"/>, and looks at what it
/// <see cref="Owns"/> only.
/// </summary>
public sealed class StoreUnderTest : IAsyncDisposable
{
    private const string Streams = "event_store.client.streams.Streams/";
    private const string Operations = "event_store.client.operations.Operations/";
    private const int UuidLength = 36;

    // Estimates and times of next events are those of the whole log: tests take turns.
    private static readonly SemaphoreSlim RealServerIsFree = new(1);

    private readonly ConcurrentDictionary<Guid, bool> _uuids = new();
    private readonly TestNode? _node;
    private readonly EventStoreAppender _appender;

    private StoreUnderTest(StoreKind kind, string connectionString, TestNode? node)
    {
        Kind = kind;
        ConnectionString = connectionString;
        _node = node;
        _appender = new EventStoreAppender(connectionString);
    }

    public StoreKind Kind { get; }

    public string ConnectionString { get; }

    /// <summary>The test server, to be told what to do; <c>null</c> for a real one.</summary>
    public TestNode? Node => _node;

    /// <summary>What is in the names of this test's streams and in no others.</summary>
    public string Mark { get; } = $"t{Guid.NewGuid():n}";

    /// <summary>The end of the log when the test began.</summary>
    public EventPosition Start { get; private set; } = EventPosition.BeforeFirst;

    public static async Task<StoreUnderTest> OpenAsync(StoreKind kind)
    {
        if (VersionOf(kind) is { } version)
        {
            var node = await TestNode.StartAsync(new TestLog { WritesCategories = true }, version: version);
            return new StoreUnderTest(kind, node.ConnectionString, node);
        }

        await RealServerIsFree.WaitAsync();
        try
        {
            var store = new StoreUnderTest(kind, RealServer.ConnectionString!, null);
            await store.BeginAsync();
            return store;
        }
        catch
        {
            RealServerIsFree.Release();
            throw;
        }
    }

    /// <summary>The name that a stream, a category or an event type has in this test; a system's stays one.</summary>
    public string Named(string name)
    {
        var bare = name.TrimStart('$');
        return $"{name[..^bare.Length]}{Mark}{bare}";
    }

    /// <summary>Whether a stream is one of this test's.</summary>
    public bool Owns(StreamId stream) => stream.IsGuid ? _uuids.ContainsKey(stream.Guid) : stream.Text.Contains(Mark, StringComparison.Ordinal);

    /// <summary>Shows of a source on the store what this test has appended, and nothing else.</summary>
    public IEventSource OwnOf(IEventSource all) => new OwnEventsSource(all, this);

    /// <summary>Appends to a stream of this test.</summary>
    /// <param name="stream">Its name, before it is <see cref="Named"/>.</param>
    /// <param name="events">What to append.</param>
    /// <returns>The revision of the last event.</returns>
    public Task<long> AppendAsync(string stream, params IReadOnlyList<EventToAppend> events)
    {
        if (stream.Length >= UuidLength && Guid.TryParse(stream[^UuidLength..], out var uuid))
        {
            _uuids[uuid] = true;
        }

        return _appender.AppendAsync(Named(stream), StreamState.Any, events);
    }

    public Task<long> AppendAsync(string stream, string type, string json) =>
        AppendAsync(stream, new EventToAppend(type, Encoding.UTF8.GetBytes(json)));

    /// <summary>Deletes a stream of this test; it can be appended to again.</summary>
    public Task DeleteAsync(string stream) => CallAsync(Streams + "Delete", Deletion(stream), DeletionResp.Parser);

    /// <summary>Deletes a stream of this test for good.</summary>
    public Task TombstoneAsync(string stream) => CallAsync(Streams + "Tombstone", Deletion(stream), DeletionResp.Parser);

    /// <summary>Has the server remove from its log what no stream shows any more, of this test and of others, and waits until it has.</summary>
    public async Task ScavengeAsync()
    {
        var begun = await CallAsync(Operations + "StartScavenge", new ScavengeReq { Options = new ScavengeReq.Types.Options { ThreadCount = 1 } }, ScavengeResp.Parser);
        await using var told = await OpenAsync(LogTarget.OfStream($"$scavenges-{begun.ScavengeId}"));
        await Deadline.UntilAsync(
            () => told.EstimateCountAsync(EventPosition.BeforeFirst, EventFilter.OfTypes("$scavengeCompleted"), CancellationToken.None),
            completed => completed.Events > 0,
            $"tell of the end of the scavenge {begun.ScavengeId}");
    }

    public async ValueTask DisposeAsync()
    {
        _appender.Dispose();
        if (_node is null)
        {
            RealServerIsFree.Release();
        }
        else
        {
            await _node.DisposeAsync();
        }
    }

    private static ServerVersion? VersionOf(StoreKind kind) => kind switch
    {
        StoreKind.TestServer21 => ServerVersion.V21_10,
        StoreKind.TestServer23 => ServerVersion.V23_10,
        StoreKind.TestServer24 => ServerVersion.V24_10,
        StoreKind.TestServer25 => ServerVersion.V25_1,
        _ => null,
    };

    // What tests before have appended is to have its links, or they would come among what this one appends.
    private async Task BeginAsync()
    {
        await AppendAsync("begin-1", "begin", "{}");
        await using (var links = await OpenAsync(LogTarget.OfCategory(Named("begin"))))
        {
            await Deadline.UntilAsync(
                () => links.GetSafeHeadAsync(CancellationToken.None),
                head => head.Position > EventPosition.BeforeFirst,
                "write the links of a category, as its projection $by_category does where it runs");
        }

        await using var all = await OpenAsync(LogTarget.All);
        Start = (await all.GetSafeHeadAsync(CancellationToken.None)).Position;
    }

    private Task<EventStoreDbSource> OpenAsync(LogTarget target) => EventStoreDbSource.OpenAsync(ConnectionString, new EventStoreDbSourceOptions { Target = target });

    private DeletionReq Deletion(string stream) => new()
    {
        Options = new DeletionReq.Types.Options
        {
            StreamIdentifier = new StreamIdentifier { StreamName = ByteString.CopyFromUtf8(Named(stream)) },
            Any = new Empty(),
        },
    };

    private async Task<TAnswer> CallAsync<TAnswer>(string method, IMessage request, MessageParser<TAnswer> answer)
        where TAnswer : IMessage<TAnswer>
    {
        var settings = EventStoreDb.Connection.ConnectionString.Parse(ConnectionString) with { NodePreference = NodePreference.Leader };
        using var connection = new StoreConnection(settings, TimeProvider.System, Random.Shared);
        var node = await connection.FindAsync(CancellationToken.None);
        await using var call = await GrpcCall.StartAsync(
            node.Channel, method, GrpcFrame.Write(request), requiresLeader: true, settings.DefaultDeadline, CancellationToken.None);
        return await call.ReadSingleAsync(answer);
    }
}
