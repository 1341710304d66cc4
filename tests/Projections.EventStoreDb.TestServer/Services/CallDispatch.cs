using System.Text;
using Google.Protobuf;
using Microsoft.AspNetCore.Http;
using Projections.EventStoreDb.Grpc;
using Projections.EventStoreDb.Protocol;
using Projections.EventStoreDb.TestServer.Protocol;

namespace Projections.EventStoreDb.TestServer.Services;

/// <summary>Takes a call to its method, and ends its answer with a status.</summary>
internal sealed class CallDispatch(NodeState node)
{
    private const string Streams = "/event_store.client.streams.Streams/";

    public async Task RunAsync(HttpContext context)
    {
        // Whatever is in the way: what has been answered so far is to reach the caller before the status does.
        context.Response.ContentType = "application/grpc";
        try
        {
            Authenticate(context);
            await CallAsync(context);
            await End(context, GrpcStatusCode.Ok, "", []);
        }
        catch (CallRefused refused)
        {
            await End(context, refused.Status, refused.Message, refused.Trailers);
        }
        catch (OperationCanceledException)
        {
            // The caller has gone, or a fault has reset the stream.
            context.Abort();
        }
    }

    private void Authenticate(HttpContext context)
    {
        if (node.Users.Count == 0)
        {
            return;
        }

        var header = context.Request.Headers.Authorization.ToString();
        if (!header.StartsWith("Basic ", StringComparison.Ordinal))
        {
            throw Denied();
        }

        var user = Encoding.UTF8.GetString(Convert.FromBase64String(header["Basic ".Length..])).Split(':', 2);
        if (!node.Users.TryGetValue(user[0], out var known) || known.Password != user[1])
        {
            throw new CallRefused(GrpcStatusCode.Unauthenticated, "The credentials are not valid");
        }

        if (!known.MayRead)
        {
            throw Denied();
        }
    }

    private static CallRefused Denied() => new(GrpcStatusCode.PermissionDenied, "Access Denied", ("exception", "access-denied"));

    private async Task CallAsync(HttpContext context)
    {
        var path = context.Request.Path.Value!;
        var frames = await ReadFramesAsync(context);
        var read = path == Streams + "Read" ? ReadReq.Parser.ParseFrom(frames[0].Span) : null;
        node.Calls.Enqueue((path, read));
        if (path.StartsWith(Streams, StringComparison.Ordinal)
            && context.Request.Headers["requires-leader"] == "true" && node.Role != VNodeState.Leader)
        {
            throw node.NotLeader();
        }

        if (read is not null)
        {
            node.OnRead(read);
            var isShort = read.Options is { CountOptionCase: ReadReq.Types.Options.CountOptionOneofCase.Count, Count: 1 };
            var fault = node.Faults.TryPeek(out var planned) && planned.InShortRead == isShort && node.Faults.TryDequeue(out planned) ? planned : null;
            var answer = new AnswerWriter(context, fault, node);
            await new ReadService(node, read.Options, answer, context.RequestAborted).RunAsync();
            await answer.EndAsync();
            return;
        }

        await context.Response.Body.WriteAsync(GrpcFrame.Write(Answer(path, frames)), context.RequestAborted);
    }

    private IMessage Answer(string path, List<ReadOnlyMemory<byte>> frames)
    {
        var writing = new WriteService(node);
        return path switch
        {
            Streams + "Append" => writing.Append([.. frames.Select(frame => AppendReq.Parser.ParseFrom(frame.Span))]),
            Streams + "Delete" => writing.Delete(DeletionReq.Parser.ParseFrom(frames[0].Span), forGood: false),
            Streams + "Tombstone" => writing.Delete(DeletionReq.Parser.ParseFrom(frames[0].Span), forGood: true),
            "/event_store.client.operations.Operations/StartScavenge" => writing.Scavenge(),
            "/event_store.client.gossip.Gossip/Read" => new ClusterInfo { Members = { node.Members() } },
            "/event_store.client.server_features.ServerFeatures/GetSupportedMethods" => Features(),
            _ => throw new CallRefused(GrpcStatusCode.Unimplemented, $"{path} is not implemented"),
        };
    }

    private SupportedMethods Features()
    {
        var features = new SupportedMethods { EventStoreServerVersion = node.Version.Number };
        foreach (var name in (string[])["read", "append", "delete", "tombstone"])
        {
            features.Methods.Add(new SupportedMethod
            {
                MethodName = name,
                ServiceName = "event_store.client.streams.streams",
                Features = { name == "read" ? ["position", "events"] : Array.Empty<string>() },
            });
        }

        return features;
    }

    private static async Task<List<ReadOnlyMemory<byte>>> ReadFramesAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        var frames = new List<ReadOnlyMemory<byte>>();
        var rest = new ReadOnlyMemory<byte>(body.GetBuffer(), 0, (int)body.Length);
        while (GrpcFrame.TryRead(rest.Span, out var length))
        {
            frames.Add(rest.Slice(GrpcFrame.HeaderBytes, length));
            rest = rest[(GrpcFrame.HeaderBytes + length)..];
        }

        return frames.Count > 0 ? frames : throw new CallRefused(GrpcStatusCode.Internal, "There is no message");
    }

    private static async Task End(HttpContext context, GrpcStatusCode status, string detail, IReadOnlyList<(string Name, string Value)> trailers)
    {
        var all = new List<(string Name, string Value)>();
        if (!trailers.Any(trailer => trailer.Name == "grpc-status"))
        {
            all.Add(("grpc-status", ((int)status).ToString(System.Globalization.CultureInfo.InvariantCulture)));
            all.Add(("grpc-message", Uri.EscapeDataString(detail)));
        }

        all.AddRange(trailers.Where(trailer => trailer.Value.Length > 0));
        foreach (var (name, value) in all)
        {
            if (context.Response.HasStarted)
            {
                context.Response.AppendTrailer(name, value);
            }
            else if (status == GrpcStatusCode.Ok)
            {
                await context.Response.StartAsync();
                context.Response.AppendTrailer(name, value);
            }
            else
            {
                // There is nothing but a status: it goes into the head ("trailers-only").
                context.Response.Headers[name] = value;
            }
        }
    }
}
