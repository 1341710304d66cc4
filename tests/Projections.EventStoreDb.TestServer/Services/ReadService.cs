using Projections.EventStoreDb.Grpc;
using Projections.EventStoreDb.Protocol;
using Projections.EventStoreDb.TestServer.Log;
using Options = Projections.EventStoreDb.Protocol.ReadReq.Types.Options;

namespace Projections.EventStoreDb.TestServer.Services;

/// <summary>The method Read: reading and subscribing, to the whole log or a stream.</summary>
internal sealed class ReadService(NodeState node, Options options, AnswerWriter answer, CancellationToken cancellationToken)
{
    private const int UnfilteredPage = 32;

    private readonly bool _withTextId = options.UuidOption?.ContentCase == ReadReq.Types.UUIDOption.ContentOneofCase.String;
    private readonly TestLog _log = node.Log;

    public async Task RunAsync()
    {
        if (options.UuidOption is null)
        {
            throw new CallRefused(GrpcStatusCode.InvalidArgument, "'uuidOption' is a required argument");
        }

        var isSubscription = options.CountOptionCase == Options.CountOptionOneofCase.Subscription;
        var reading = (options.StreamOptionCase, isSubscription) switch
        {
            (Options.StreamOptionOneofCase.All, true) => SubscribeAllAsync(),
            (Options.StreamOptionOneofCase.All, false) => ReadAllAsync(),
            (Options.StreamOptionOneofCase.Stream, true) => SubscribeStreamAsync(),
            _ => ReadStreamAsync(),
        };
        await reading;
    }

    private async Task ReadAllAsync()
    {
        var filter = new RecordFilter(options.Filter);
        var left = options.Count;
        if (options.ReadDirection == ReadReq.Types.ReadDirection.Forwards)
        {
            for (var index = StartOfAll(); index < node.Visible && left > 0; index++)
            {
                left -= await SendIfMatchedAsync(index, filter);
            }

            return;
        }

        for (var index = StartOfAll() - 1; index >= 0 && left > 0; index--)
        {
            left -= await SendIfMatchedAsync(index, filter);
        }
    }

    // Forwards the first record that is read, backwards the one after it.
    private int StartOfAll()
    {
        switch (options.All.AllOptionCase)
        {
            case ReadReq.Types.AllOptions.AllOptionOneofCase.Start:
                return 0;
            case ReadReq.Types.AllOptions.AllOptionOneofCase.End:
            // How the vendor's .NET client says it.
            case ReadReq.Types.AllOptions.AllOptionOneofCase.Position when options.All.Position.CommitPosition == ulong.MaxValue:
                return node.Visible;
            default:
                var position = (long)options.All.Position.CommitPosition;
                return _log.IsPlace(position) ? _log.IndexOf(position) : throw InvalidPosition();
        }
    }

    private CallRefused InvalidPosition() =>
        (node.Version.KnowsInvalidPositions, options.CountOptionCase == Options.CountOptionOneofCase.Subscription) switch
        {
            (true, true) => new CallRefused(GrpcStatusCode.InvalidArgument, "Trying to read from an invalid position."),
            (false, true) => new CallRefused(GrpcStatusCode.Unknown, "Exception was thrown by handler."),
            (var isKnown, false) => new CallRefused(
                GrpcStatusCode.Unknown,
                $"Unexpected {(options.Filter is null ? "" : "Filtered")}ReadAllResult: {(isKnown ? "InvalidPosition" : "Error")}"),
        };

    private async ValueTask<uint> SendIfMatchedAsync(int index, RecordFilter filter)
    {
        var record = _log[index];
        if (record.IsGone || !filter.Matches(record))
        {
            return 0;
        }

        await answer.WriteAsync(Frame(record));
        return 1;
    }

    private byte[] Frame(TestRecord record) =>
        options.ResolveLinks && record.LinksTo is { } link
            ? TestRecord.ResolvedFrame(record, _log.Resolve(link), _withTextId)
            : record.Frame(_withTextId);

    private async Task SubscribeAllAsync()
    {
        var filter = new RecordFilter(options.Filter);
        var window = options.Filter is { WindowCase: ReadReq.Types.FilterOptions.WindowOneofCase.Max } given ? (int)given.Max : UnfilteredPage;
        var interval = (long)window * (options.Filter?.CheckpointIntervalMultiplier ?? 1);
        var next = StartOfSubscription();
        await ConfirmAsync();
        next = await CatchUpAsync(next, filter, window, interval);
        await CaughtUpAsync(position: next > 0 ? At(_log[next - 1].Position) : null);
        await FollowAllAsync(next, filter, interval);
    }

    private int StartOfSubscription()
    {
        var start = StartOfAll();
        if (options.All.AllOptionCase != ReadReq.Types.AllOptions.AllOptionOneofCase.Position)
        {
            return start;
        }

        if (node.Version.ComparesPositions)
        {
            return _log.IndexOf((long)options.All.Position.CommitPosition + 1);
        }

        while (start < node.Visible && _log[start].IsGone)
        {
            start++;
        }

        return Math.Min(start + 1, node.Visible);
    }

    // Searches page by page. A checkpoint is the last event sent, or the place where the page began: the server has searched further.
    private async Task<int> CatchUpAsync(int next, RecordFilter filter, int window, long interval)
    {
        long considered = 0;
        var checkpoint = -1L;
        while (next < node.Visible)
        {
            var end = Math.Min(next + window, node.Visible);
            checkpoint = _log[next].Position;
            considered += end - next;
            for (; next < end; next++)
            {
                if (await SendIfMatchedAsync(next, filter) > 0)
                {
                    checkpoint = _log[next].Position;
                }
            }

            if (options.Filter is not null && (considered >= interval || (node.Version.ComparesPositions && next == node.Visible)))
            {
                considered = 0;
                await CheckpointAsync(checkpoint);
            }
        }

        return next;
    }

    private async Task FollowAllAsync(int next, RecordFilter filter, long interval)
    {
        long considered = 0;
        while (true)
        {
            await answer.FlushAsync();
            await node.Log.MoreThanAsync(next).WaitAsync(cancellationToken);
            for (; next < _log.Count; next++)
            {
                var sent = await SendIfMatchedAsync(next, filter);
                if (options.Filter is not null && sent == 0 && ++considered >= interval)
                {
                    considered = 0;
                    await CheckpointAsync(_log[next].Position);
                }
            }
        }
    }

    private async Task ReadStreamAsync()
    {
        var name = options.Stream.StreamIdentifier.StreamName.ToStringUtf8();
        var stream = _log.Read(name);
        if (stream.IsDeleted)
        {
            throw new CallRefused(GrpcStatusCode.FailedPrecondition, $"Event stream '{name}' is deleted.", ("exception", "stream-deleted"), ("stream-name", name));
        }

        if (!stream.Exists)
        {
            await answer.WriteAsync(new ReadResp { StreamNotFound = new ReadResp.Types.StreamNotFound { StreamIdentifier = options.Stream.StreamIdentifier } });
            return;
        }

        var forwards = options.ReadDirection == ReadReq.Types.ReadDirection.Forwards;
        var records = forwards ? stream.Records : stream.Records.Reverse();
        var left = options.Count;
        foreach (var record in records.Where(record => IsFromStart(record, forwards)))
        {
            if (left-- == 0)
            {
                break;
            }

            await answer.WriteAsync(Frame(record));
        }

        if (options.ControlOption?.Compatibility >= 1 && forwards && stream.Records.Count > 0)
        {
            await answer.WriteAsync(new ReadResp { LastStreamPosition = (ulong)stream.Records[^1].Revision });
        }
    }

    private bool IsFromStart(TestRecord record, bool forwards) => options.Stream.RevisionOptionCase switch
    {
        ReadReq.Types.StreamOptions.RevisionOptionOneofCase.Start => forwards,
        ReadReq.Types.StreamOptions.RevisionOptionOneofCase.End => !forwards,
        _ => forwards ? record.Revision >= (long)options.Stream.Revision : record.Revision <= (long)options.Stream.Revision,
    };

    private async Task SubscribeStreamAsync()
    {
        await ConfirmAsync();
        var name = options.Stream.StreamIdentifier.StreamName.ToStringUtf8();
        var after = options.Stream.RevisionOptionCase switch
        {
            ReadReq.Types.StreamOptions.RevisionOptionOneofCase.Start => -1L,
            ReadReq.Types.StreamOptions.RevisionOptionOneofCase.End => _log.Read(name).Records is [.., var last] ? last.Revision : -1,
            _ => (long)options.Stream.Revision,
        };
        for (var isLive = false; ; isLive = true)
        {
            var count = _log.Count;
            foreach (var record in _log.Read(name).Records.Where(record => record.Revision > after))
            {
                await answer.WriteAsync(Frame(record));
                after = record.Revision;
            }

            if (!isLive)
            {
                await CaughtUpAsync(revision: after >= 0 ? after : null);
            }

            await answer.FlushAsync();
            await _log.MoreThanAsync(count).WaitAsync(cancellationToken);
        }
    }

    private async Task ConfirmAsync()
    {
        await answer.WriteAsync(new ReadResp { Confirmation = new ReadResp.Types.SubscriptionConfirmation { SubscriptionId = Guid.NewGuid().ToString() } });
        await answer.FlushAsync();
    }

    private Task CheckpointAsync(long position) =>
        answer.WriteAsync(new ReadResp { Checkpoint = At(position) });

    private static Position At(long position) => new() { CommitPosition = (ulong)position, PreparePosition = (ulong)position };

    private Task CaughtUpAsync(long? revision = null, Position? position = null) =>
        node.Version switch
        {
            { SaysWhereItCaughtUp: true } => answer.WriteAsync(new ReadResp { CaughtUp = Turn(revision, position) }),
            { SaysCaughtUp: true } => answer.WriteAsync(new ReadResp { CaughtUp = new ReadResp.Types.Turn() }),
            _ => Task.CompletedTask,
        };

    private static ReadResp.Types.Turn Turn(long? revision, Position? position)
    {
        var turn = new ReadResp.Types.Turn { Position = position };
        if (revision is { } known)
        {
            turn.StreamRevision = known;
        }

        return turn;
    }
}
