using System.Net;
using System.Net.Http.Headers;
using Google.Protobuf;

namespace Projections.EventStoreDb.Grpc;

/// <summary>
/// A gRPC call over HTTP/2 whose answer is being read. Bytes are taken from the connection only when they are asked for, so a
/// reader that is slow holds the server back through HTTP/2's flow control. Disposing a call before its end resets its stream.
/// </summary>
internal sealed class GrpcCall : IAsyncDisposable
{
    private static readonly MediaTypeHeaderValue Grpc = new("application/grpc");

    private readonly GrpcDeadline _deadline;
    private readonly HttpResponseMessage _response;
    private readonly Stream _body;
    private bool _ended;

    private GrpcCall(HttpResponseMessage response, Stream body, bool ended, GrpcDeadline deadline)
    {
        _response = response;
        _body = body;
        _ended = ended;
        _deadline = deadline;
    }

    /// <summary>Sends the messages, and waits for the head of the answer.</summary>
    /// <param name="channel">The node to call.</param>
    /// <param name="method">Service and method, such as <c>event_store.client.streams.Streams/Read</c>.</param>
    /// <param name="messages">What is sent, in frames.</param>
    /// <param name="requiresLeader">Whether a node that is not the leader is to refuse.</param>
    /// <param name="deadline">How long the whole call may take, or <c>null</c> for as long as it likes.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="GrpcFailed">The call failed, or the connection.</exception>
    public static async Task<GrpcCall> StartAsync(
        GrpcChannel channel, string method, byte[] messages, bool requiresLeader, TimeSpan? deadline, CancellationToken cancellationToken)
    {
        var limit = new GrpcDeadline(deadline, channel.Time, cancellationToken);
        HttpResponseMessage? response = null;
        try
        {
            using var request = Request(channel, method, messages, requiresLeader, limit);
            response = await channel.Http.SendAsync(request, limit.Token);
            var ended = GrpcStatus.CheckHead(response);
            return new GrpcCall(response, await response.Content.ReadAsStreamAsync(limit.Token), ended, limit);
        }
        catch (Exception exception)
        {
            response?.Dispose();
            limit.Dispose();
            if (GrpcFaults.Translate(exception, limit) is { } failed)
            {
                throw failed;
            }

            throw;
        }
    }

    /// <summary>Waits until there is something to read, or the answer has ended.</summary>
    /// <exception cref="GrpcFailed">The call failed, or the connection broke.</exception>
    public Task WaitAsync()
    {
        // A read without a buffer ends when one with a buffer would.
        var waiting = _ended ? ValueTask.FromResult(0) : _body.ReadAsync(Memory<byte>.Empty, _deadline.Token);
        return waiting.IsCompletedSuccessfully ? Task.CompletedTask : TranslateAsync(waiting);
    }

    /// <summary>Reads some bytes of the answer; 0 when it has come to a good end.</summary>
    /// <exception cref="GrpcFailed">The call failed, or the connection broke.</exception>
    public async ValueTask<int> ReadAsync(Memory<byte> buffer)
    {
        if (_ended)
        {
            return 0;
        }

        try
        {
            var read = await _body.ReadAsync(buffer, _deadline.Token);
            if (read == 0)
            {
                _ended = true;
                GrpcStatus.Check(_response.TrailingHeaders);
            }

            return read;
        }
        catch (Exception exception) when (GrpcFaults.Translate(exception, _deadline) is { } failed)
        {
            throw failed;
        }
    }

    /// <summary>Reads an answer that is known to be short to its end.</summary>
    /// <exception cref="GrpcFailed">The call failed, or the connection broke.</exception>
    public async Task<ArraySegment<byte>> ReadAllAsync()
    {
        var bytes = new byte[4096];
        var filled = 0;
        int read;
        while ((read = await ReadAsync(bytes.AsMemory(filled))) > 0)
        {
            filled += read;
            if (filled == bytes.Length)
            {
                Array.Resize(ref bytes, bytes.Length * 2);
            }
        }

        return new ArraySegment<byte>(bytes, 0, filled);
    }

    /// <summary>Reads the one message of an answer that has just one.</summary>
    /// <exception cref="GrpcFailed">The call failed, or the answer has no message or more than one.</exception>
    public async Task<TMessage> ReadSingleAsync<TMessage>(MessageParser<TMessage> parser)
        where TMessage : IMessage<TMessage>
    {
        var bytes = await ReadAllAsync();
        return GrpcFrame.TryRead(bytes, out var length) && bytes.Count == GrpcFrame.HeaderBytes + length
            ? parser.ParseFrom(bytes.AsSpan(GrpcFrame.HeaderBytes))
            : throw new GrpcFailed(GrpcStatusCode.Internal, "the answer is not one message");
    }

    public async ValueTask DisposeAsync()
    {
        await _body.DisposeAsync();
        _response.Dispose();
        _deadline.Dispose();
    }

    private async Task TranslateAsync(ValueTask<int> waiting)
    {
        try
        {
            await waiting;
        }
        catch (Exception exception) when (GrpcFaults.Translate(exception, _deadline) is { } failed)
        {
            throw failed;
        }
    }

    private static HttpRequestMessage Request(GrpcChannel channel, string method, byte[] messages, bool requiresLeader, GrpcDeadline limit)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(channel.Address, method))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(messages) { Headers = { ContentType = Grpc } },
        };
        request.Headers.TryAddWithoutValidation("te", "trailers");
        request.Headers.TryAddWithoutValidation("grpc-accept-encoding", "identity");
        request.Headers.TryAddWithoutValidation("requires-leader", requiresLeader ? "true" : "false");
        if (limit.Header is { } timeout)
        {
            request.Headers.TryAddWithoutValidation("grpc-timeout", timeout);
        }

        channel.AddHeaders(request.Headers);
        return request;
    }
}
