using System.Buffers;
using Google.Protobuf;
using Microsoft.AspNetCore.Http;
using Projections.EventStoreDb.Grpc;
using Projections.EventStoreDb.TestServer.Faults;

namespace Projections.EventStoreDb.TestServer.Services;

/// <summary>Writes the messages of an answer, and runs into the fault that is planned for it.</summary>
internal sealed class AnswerWriter(HttpContext context, PlannedFault? fault, NodeState node)
{
    private const int FlushBytes = 64 * 1024;

    private int _messages;
    private int _unflushed;

    public Task WriteAsync(IMessage message) => WriteAsync(GrpcFrame.Write(message)).AsTask();

    /// <summary>Writes a message that is in its frame already.</summary>
    public async ValueTask WriteAsync(byte[] frame)
    {
        if (fault is not null && _messages++ >= fault.AfterMessages)
        {
            await FailAsync(frame);
            return;
        }

        context.Response.BodyWriter.Write(frame);
        _unflushed += frame.Length;
        if (_unflushed >= FlushBytes)
        {
            await FlushAsync();
        }
    }

    /// <summary>Sends what has been written; before waiting for more.</summary>
    public async Task FlushAsync()
    {
        _unflushed = 0;
        await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
    }

    /// <summary>The answer is at its end, if it gets there. One with fewer messages than the fault lets through never meets it.</summary>
    public async Task EndAsync()
    {
        if (fault is not null && _messages >= fault.AfterMessages && fault.Fault is not Fault.Trickle)
        {
            await FailAsync([]);
        }
    }

    private async Task FailAsync(byte[] frame)
    {
        await FlushAsync();
        switch (fault!.Fault)
        {
            case Fault.Reset:
                context.Abort();
                throw new OperationCanceledException();
            case Fault.Stall:
                await Task.Delay(Timeout.Infinite, context.RequestAborted);
                break;
            case Fault.Trickle:
                await TrickleAsync(frame);
                break;
            case Fault.TruncatedFrame:
                await SendAsync(frame.Length > 0 ? frame[..(frame.Length / 2)] : [0, 0]);
                throw new CallRefused(GrpcStatusCode.Ok, "");
            case Fault.HugeFrame:
                await SendAsync([0, 0xFF, 0xFF, 0xFF, 0xFF, 1, 2, 3]);
                throw new CallRefused(GrpcStatusCode.Ok, "");
            case Fault.CompressedFrame:
                await SendAsync([1, 0, 0, 0, 1, 0]);
                throw new CallRefused(GrpcStatusCode.Ok, "");
            case Fault.GarbledMessage:
                await SendAsync([0, 0, 0, 0, 3, 0x0A, 0x7F, 0x01]);
                throw new CallRefused(GrpcStatusCode.Ok, "");
            case Fault.WrongTrailers:
                throw new CallRefused(GrpcStatusCode.Ok, "", ("grpc-status", "fine"));
            case Fault.NoTrailers:
                throw new CallRefused(GrpcStatusCode.Ok, "", ("grpc-status", ""));
            case Fault.Unavailable:
                throw new CallRefused(GrpcStatusCode.Unavailable, "Server Is Too Busy");
            case Fault.ConsumerTooSlow:
                throw new CallRefused(GrpcStatusCode.Aborted, "Operation timed out: Consumer too slow to handle event while live. Client resubscription required.");
            case Fault.Unknown:
                throw new CallRefused(GrpcStatusCode.Unknown, "Exception was thrown by handler.");
            case Fault.NotLeader:
                throw node.NotLeader();
            default:
                throw new InvalidOperationException($"{fault.Fault} is not known here.");
        }
    }

    private async Task TrickleAsync(byte[] frame)
    {
        foreach (var piece in frame.Chunk(7))
        {
            await SendAsync(piece);
        }
    }

    private async Task SendAsync(byte[] bytes)
    {
        context.Response.BodyWriter.Write(bytes);
        await FlushAsync();
    }
}
