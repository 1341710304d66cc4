using Google.Protobuf;
using Projections.Events;
using Projections.EventStoreDb.Grpc;
using Projections.EventStoreDb.Protocol;

namespace Projections.EventStoreDb.Reading;

/// <summary>Builds the requests of the method Read, which reads and subscribes, forwards and backwards, all or one stream.</summary>
internal sealed class ReadRequests(LogTarget target)
{
    public const string Method = "event_store.client.streams.Streams/Read";

    // The server is told that falling behind, and the ends of streams, may be told.
    private const uint Compatibility = 2;

    private static readonly Empty Nothing = new();

    /// <summary>Reads forwards, from the event at <paramref name="after"/> or the next one there is.</summary>
    public byte[] Forwards(EventPosition after, EventSelection selection, long count)
    {
        var options = Options(selection);
        options.Count = (ulong)count;
        SetStart(options, after);
        return GrpcFrame.Write(new ReadReq { Options = options });
    }

    /// <summary>Reads the last events, newest first.</summary>
    public byte[] Backwards(int count)
    {
        var options = Options(EventSelection.Everything);
        options.Count = (ulong)count;
        options.ReadDirection = ReadReq.Types.ReadDirection.Backwards;
        if (target.IsAll)
        {
            options.All = new ReadReq.Types.AllOptions { End = Nothing };
        }
        else
        {
            options.Stream = new ReadReq.Types.StreamOptions { StreamIdentifier = Name(), End = Nothing };
        }

        return GrpcFrame.Write(new ReadReq { Options = options });
    }

    /// <summary>Reads the last events before a position, newest first.</summary>
    public byte[] Before(EventPosition position, int count)
    {
        var options = Options(EventSelection.Everything);
        options.Count = (ulong)count;
        options.ReadDirection = ReadReq.Types.ReadDirection.Backwards;
        SetStart(options, position);
        return GrpcFrame.Write(new ReadReq { Options = options });
    }

    /// <summary>Subscribes to what lies after <paramref name="after"/>.</summary>
    public byte[] Subscribe(EventPosition after, EventSelection selection)
    {
        var options = Options(selection);
        options.Subscription = new ReadReq.Types.SubscriptionOptions();
        SetStart(options, after);
        return GrpcFrame.Write(new ReadReq { Options = options });
    }

    private ReadReq.Types.Options Options(EventSelection selection)
    {
        var options = new ReadReq.Types.Options
        {
            ResolveLinks = target.ResolvesLinks,
            UuidOption = new ReadReq.Types.UUIDOption { Structured = Nothing },
            ControlOption = new ReadReq.Types.ControlOption { Compatibility = Compatibility },
        };
        // Streams cannot be filtered by the server.
        if (target.IsAll && selection.ToServer() is { } filter)
        {
            options.Filter = filter;
        }
        else
        {
            options.NoFilter = Nothing;
        }

        return options;
    }

    private void SetStart(ReadReq.Types.Options options, EventPosition after)
    {
        if (target.IsAll)
        {
            options.All = after == EventPosition.BeforeFirst
                ? new ReadReq.Types.AllOptions { Start = Nothing }
                : new ReadReq.Types.AllOptions
                {
                    Position = new Position { CommitPosition = (ulong)after.Major, PreparePosition = (ulong)after.Minor },
                };
            return;
        }

        options.Stream = after == EventPosition.BeforeFirst
            ? new ReadReq.Types.StreamOptions { StreamIdentifier = Name(), Start = Nothing }
            : new ReadReq.Types.StreamOptions { StreamIdentifier = Name(), Revision = (ulong)after.Major };
    }

    private StreamIdentifier Name() => new() { StreamName = ByteString.CopyFromUtf8(target.Stream!) };
}
