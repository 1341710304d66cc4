using System.Buffers.Binary;
using Projections.EventStoreDb.Grpc;
using Projections.EventStoreDb.Protocol;
using Projections.EventStoreDb.TestServer.Log;
using Projections.EventStoreDb.TestServer.Protocol;

namespace Projections.EventStoreDb.TestServer.Services;

/// <summary>The methods Append, Delete, Tombstone and StartScavenge.</summary>
internal sealed class WriteService(NodeState node)
{
    public AppendResp Append(IReadOnlyList<AppendReq> messages)
    {
        var options = messages[0].Options;
        var stream = options.StreamIdentifier.StreamName.ToStringUtf8();
        var events = messages.Skip(1).Select(message => ToEvent(message.ProposedMessage)).ToList();
        var (before, last, isDeleted) = node.Log.TryAppend(stream, Expected(options), events);
        if (isDeleted)
        {
            throw new CallRefused(GrpcStatusCode.FailedPrecondition, $"Event stream '{stream}' is deleted.", ("exception", "stream-deleted"), ("stream-name", stream));
        }

        return last is null
            ? new AppendResp { WrongExpectedVersion = Wrong(options, before) }
            : new AppendResp
            {
                Success = new AppendResp.Types.Success
                {
                    CurrentRevision = (ulong)last.Revision,
                    Position = new Position { CommitPosition = (ulong)last.Position, PreparePosition = (ulong)last.Position },
                },
            };
    }

    public DeletionResp Delete(DeletionReq request, bool forGood)
    {
        var stream = request.Options.StreamIdentifier.StreamName.ToStringUtf8();
        var position = (ulong?)node.Log.Delete(stream, forGood) ?? throw new CallRefused(
            GrpcStatusCode.FailedPrecondition,
            "Delete failed due to WrongExpectedVersion.",
            ("exception", "wrong-expected-version"),
            ("stream-name", stream),
            ("expected-version", "-4"),
            ("actual-version", ""));
        return new DeletionResp { Position = new DeletionResp.Types.Position { CommitPosition = position, PreparePosition = position } };
    }

    /// <summary>It is over when it is answered; how it went is told where a real server tells it.</summary>
    public ScavengeResp Scavenge()
    {
        var scavenge = Guid.NewGuid().ToString();
        node.Log.Scavenge();
        node.Log.Append($"$scavenges-{scavenge}", TestEvent.Json("$scavengeStarted", "{}"), TestEvent.Json("$scavengeCompleted", "{}"));
        return new ScavengeResp { ScavengeId = scavenge };
    }

    private static long Expected(AppendReq.Types.Options options) => options.ExpectedStreamRevisionCase switch
    {
        AppendReq.Types.Options.ExpectedStreamRevisionOneofCase.Revision => (long)options.Revision,
        AppendReq.Types.Options.ExpectedStreamRevisionOneofCase.NoStream => -1,
        AppendReq.Types.Options.ExpectedStreamRevisionOneofCase.StreamExists => -4,
        _ => -2,
    };

    private static AppendResp.Types.WrongExpectedVersion Wrong(AppendReq.Types.Options options, long actual)
    {
        var nothing = new Empty();
        var wrong = new AppendResp.Types.WrongExpectedVersion();
        if (actual >= 0)
        {
            wrong.CurrentRevision = (ulong)actual;
        }
        else
        {
            wrong.CurrentNoStream = nothing;
        }

        switch (options.ExpectedStreamRevisionCase)
        {
            case AppendReq.Types.Options.ExpectedStreamRevisionOneofCase.Revision:
                wrong.ExpectedRevision = options.Revision;
                break;
            case AppendReq.Types.Options.ExpectedStreamRevisionOneofCase.NoStream:
                wrong.ExpectedNoStream = nothing;
                break;
            default:
                wrong.ExpectedStreamExists = nothing;
                break;
        }

        return wrong;
    }

    private static TestEvent ToEvent(AppendReq.Types.ProposedMessage message)
    {
        if (!message.Metadata.TryGetValue("type", out var type) || !message.Metadata.TryGetValue("content-type", out var contentType))
        {
            throw new CallRefused(GrpcStatusCode.InvalidArgument, "Required Metadata Property is missing", ("exception", "missing-required-metadata-property"), ("required-metadata-properties", "type,content-type"));
        }

        return new TestEvent(type, message.Data.ToByteArray())
        {
            Id = ToGuid(message.Id),
            Metadata = message.CustomMetadata.ToByteArray(),
            ContentType = contentType,
        };
    }

    private static Guid ToGuid(UUID id)
    {
        if (id.ValueCase == UUID.ValueOneofCase.String)
        {
            return Guid.Parse(id.String);
        }

        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteInt64BigEndian(bytes, id.Structured.MostSignificantBits);
        BinaryPrimitives.WriteInt64BigEndian(bytes[8..], id.Structured.LeastSignificantBits);
        return new Guid(bytes, bigEndian: true);
    }
}
