using System.Buffers.Binary;
using System.Net;
using System.Net.Http.Headers;
using Google.Protobuf;
using Projections.EventStoreDb.Protocol;

namespace Projections.EventStoreDb.Benchmark;

/// <summary>The floor: the same answer as bare HTTP/2, its frames counted and nothing done to what is in them.</summary>
internal static class BareReader
{
    private const int WindowBytes = 8 * 1024 * 1024;

    public static async Task<long> CountAsync(string host, int port)
    {
        using var http = new HttpMessageInvoker(new SocketsHttpHandler { InitialHttp2StreamWindowSize = WindowBytes });
        using var request = new HttpRequestMessage(HttpMethod.Post, $"http://{host}:{port}/event_store.client.streams.Streams/Read")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(Request()) { Headers = { ContentType = new MediaTypeHeaderValue("application/grpc") } },
        };
        using var response = await http.SendAsync(request, CancellationToken.None);
        await using var body = await response.Content.ReadAsStreamAsync();
        return await CountFramesAsync(body);
    }

    private static byte[] Request()
    {
        var nothing = new Empty();
        var message = new ReadReq
        {
            Options = new ReadReq.Types.Options
            {
                All = new ReadReq.Types.AllOptions { Start = nothing },
                Count = long.MaxValue,
                NoFilter = nothing,
                UuidOption = new ReadReq.Types.UUIDOption { Structured = nothing },
            },
        };
        var frame = new byte[5 + message.CalculateSize()];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), frame.Length - 5);
        message.WriteTo(frame.AsSpan(5));
        return frame;
    }

    private static async Task<long> CountFramesAsync(Stream body)
    {
        var buffer = new byte[2 << 20];
        long frames = 0;
        var (start, filled) = (0, 0);
        int read;
        while ((read = await body.ReadAsync(buffer.AsMemory(filled))) > 0)
        {
            filled += read;
            while (filled - start >= 5 && BinaryPrimitives.ReadInt32BigEndian(buffer.AsSpan(start + 1)) is var length && filled - start - 5 >= length)
            {
                start += 5 + length;
                frames++;
            }

            if (filled == buffer.Length)
            {
                buffer.AsSpan(start, filled - start).CopyTo(buffer);
                (start, filled) = (0, filled - start);
            }
        }

        return frames;
    }
}
