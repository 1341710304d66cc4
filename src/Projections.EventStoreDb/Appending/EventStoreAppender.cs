using System.Buffers.Binary;
using Google.Protobuf;
using Projections.EventStoreDb.Connection;
using Projections.EventStoreDb.Errors;
using Projections.EventStoreDb.Grpc;
using Projections.EventStoreDb.Protocol;

namespace Projections.EventStoreDb;

/// <summary>Appends events to streams; for tests and the demo. Does not repeat what failed: its caller knows whether that is safe.</summary>
public sealed class EventStoreAppender : IDisposable
{
    private const string Method = "event_store.client.streams.Streams/Append";

    private static readonly Empty Nothing = new();

    private readonly StoreConnection _connection;

    /// <exception cref="ConnectionStringInvalid">A part of the connection string is unknown or malformed.</exception>
    public EventStoreAppender(string connectionString)
    {
        // Only the leader takes events.
        var settings = ConnectionString.Parse(connectionString) with { NodePreference = NodePreference.Leader };
        _connection = new StoreConnection(settings, TimeProvider.System, Random.Shared);
    }

    /// <summary>Appends events to the end of a stream, all of them or none.</summary>
    /// <returns>The revision of the last event.</returns>
    /// <exception cref="WrongExpectedRevision">The stream is not as <paramref name="expected"/> says.</exception>
    /// <exception cref="EventStoreDbException">The store refused, or could not be reached. In the latter case it is not known whether
    /// the events were appended.</exception>
    public async Task<long> AppendAsync(
        string stream, StreamState expected, IReadOnlyList<EventToAppend> events, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(stream);
        if (events.Count == 0)
        {
            throw new ArgumentException("There are no events to append.", nameof(events));
        }

        var node = await _connection.FindAsync(cancellationToken);
        try
        {
            await using var call = await GrpcCall.StartAsync(
                node.Channel, Method, GrpcFrame.Write(Messages(stream, expected, events)), requiresLeader: true, _connection.Settings.DefaultDeadline, cancellationToken);
            return Revision(await call.ReadSingleAsync(AppendResp.Parser), stream, expected);
        }
        catch (GrpcFailed failed)
        {
            var reason = StoreErrors.Translate(failed, $"Appending to '{stream}'", _connection.Settings.DefaultDeadline);
            _connection.Leave(node, reason);
            throw reason;
        }
    }

    public void Dispose() => _connection.Dispose();

    private static IMessage[] Messages(string stream, StreamState expected, IReadOnlyList<EventToAppend> events) =>
        [new AppendReq { Options = Options(stream, expected) }, .. events.Select(Proposed)];

    private static AppendReq.Types.Options Options(string stream, StreamState expected)
    {
        var options = new AppendReq.Types.Options { StreamIdentifier = new StreamIdentifier { StreamName = ByteString.CopyFromUtf8(stream) } };
        if (expected.Revision is { } revision)
        {
            options.Revision = (ulong)revision;
        }
        else if (expected == StreamState.NoStream)
        {
            options.NoStream = Nothing;
        }
        else if (expected == StreamState.Exists)
        {
            options.StreamExists = Nothing;
        }
        else
        {
            options.Any = Nothing;
        }

        return options;
    }

    private static AppendReq Proposed(EventToAppend one) => new()
    {
        ProposedMessage = new AppendReq.Types.ProposedMessage
        {
            Id = ToUuid(one.Id),
            Metadata = { ["type"] = one.Type, ["content-type"] = one.ContentType },
            Data = ByteString.CopyFrom(one.Data.Span),
            CustomMetadata = ByteString.CopyFrom(one.Metadata.Span),
        },
    };

    private static UUID ToUuid(Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        return new UUID
        {
            Structured = new UUID.Types.Structured
            {
                MostSignificantBits = BinaryPrimitives.ReadInt64BigEndian(bytes),
                LeastSignificantBits = BinaryPrimitives.ReadInt64BigEndian(bytes[8..]),
            },
        };
    }

    private static long Revision(AppendResp answer, string stream, StreamState expected) => answer.ResultCase switch
    {
        AppendResp.ResultOneofCase.Success => (long)answer.Success.CurrentRevision,
        AppendResp.ResultOneofCase.WrongExpectedVersion => throw new WrongExpectedRevision(
            stream,
            expected,
            answer.WrongExpectedVersion.HasCurrentRevision ? (long)answer.WrongExpectedVersion.CurrentRevision : null),
        _ => throw new CallFailed($"Appending to '{stream}'", "the server's answer says neither that it did nor why not", isPassing: false),
    };
}
