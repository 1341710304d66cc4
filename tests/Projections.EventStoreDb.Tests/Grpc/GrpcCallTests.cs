using Microsoft.AspNetCore.Http;
using Projections.EventStoreDb.Connection;
using Projections.EventStoreDb.Grpc;
using Projections.EventStoreDb.Protocol;
using Projections.EventStoreDb.TestServer;
using Projections.TestServers;

namespace Projections.EventStoreDb.Tests.Grpc;

public sealed class GrpcCallTests
{
    private static readonly byte[] Request = GrpcFrame.Write(new Empty());

    [Fact]
    public async Task A_message_comes_whole_however_it_is_cut()
    {
        var message = GrpcFrame.Write(new StreamIdentifier { StreamName = Google.Protobuf.ByteString.CopyFromUtf8(new string('x', 300)) });
        await using var server = await ServeAsync(async response =>
        {
            foreach (var one in message)
            {
                await response.Body.WriteAsync(new[] { one });
                await response.Body.FlushAsync();
            }

            response.AppendTrailer("grpc-status", "0");
        });

        (await CallAsync(server)).StreamName.Length.ShouldBe(300);
    }

    [Fact]
    public async Task A_status_in_the_trailers_is_told_with_its_message_decoded_and_what_came_with_it()
    {
        await using var server = await ServeAsync(async response =>
        {
            await response.StartAsync();
            response.AppendTrailer("grpc-status", "5");
            response.AppendTrailer("grpc-message", Uri.EscapeDataString("no such thing: żółć%"));
            response.AppendTrailer("Exception", "stream-not-found");
        });

        var failed = await Should.ThrowAsync<GrpcFailed>(() => CallAsync(server));

        failed.Status.ShouldBe(GrpcStatusCode.NotFound);
        failed.Detail.ShouldBe("no such thing: żółć%");
        failed.Trailers["exception"].ShouldBe("stream-not-found");
    }

    [Fact]
    public async Task A_status_in_the_head_is_told_too()
    {
        await using var server = await ServeAsync(response =>
        {
            response.Headers["grpc-status"] = "7";
            response.Headers["grpc-message"] = "Access%20Denied";
            return Task.CompletedTask;
        });

        var failed = await Should.ThrowAsync<GrpcFailed>(() => CallAsync(server));

        (failed.Status, failed.Detail).ShouldBe((GrpcStatusCode.PermissionDenied, "Access Denied"));
    }

    [Theory]
    [InlineData(401, GrpcStatusCode.Unauthenticated)]
    [InlineData(403, GrpcStatusCode.PermissionDenied)]
    [InlineData(404, GrpcStatusCode.Unimplemented)]
    [InlineData(503, GrpcStatusCode.Unavailable)]
    [InlineData(500, GrpcStatusCode.Unknown)]
    public async Task An_answer_of_plain_http_is_told_by_its_status(int http, object expected)
    {
        await using var server = await ServeAsync(response =>
        {
            response.StatusCode = http;
            return Task.CompletedTask;
        });

        var failed = await Should.ThrowAsync<GrpcFailed>(() => CallAsync(server));

        failed.Status.ShouldBe((GrpcStatusCode)expected);
        failed.Detail.ShouldContain($"{http}");
    }

    [Fact]
    public async Task An_answer_that_is_no_grpc_is_refused()
    {
        await using var server = await ServeAsync(async response =>
        {
            response.ContentType = "text/html";
            await response.WriteAsync("<html>");
        });

        (await Should.ThrowAsync<GrpcFailed>(() => CallAsync(server))).Detail.ShouldContain("text/html");
    }

    [Fact]
    public async Task An_answer_without_a_status_or_with_one_that_is_none_has_failed()
    {
        await using var without = await ServeAsync(response => response.StartAsync());
        (await Should.ThrowAsync<GrpcFailed>(() => CallAsync(without))).Detail.ShouldContain("without a status");

        await using var wrong = await ServeAsync(async response =>
        {
            await response.StartAsync();
            response.AppendTrailer("grpc-status", "99");
        });
        (await Should.ThrowAsync<GrpcFailed>(() => CallAsync(wrong))).Detail.ShouldContain("99");
    }

    [Fact]
    public async Task Nobody_listening_is_unavailable()
    {
        var server = await ServeAsync(_ => Task.CompletedTask);
        await server.StopAsync();

        (await Should.ThrowAsync<GrpcFailed>(() => CallAsync(server))).Status.ShouldBe(GrpcStatusCode.Unavailable);
    }

    [Fact]
    public async Task A_deadline_ends_the_call_before_and_after_the_head_and_the_server_is_told_of_it()
    {
        var told = new TaskCompletionSource<string?>();
        await using var silent = await ServeAsync(async response =>
        {
            told.SetResult(response.HttpContext.Request.Headers["grpc-timeout"]);
            await Task.Delay(Timeout.Infinite, response.HttpContext.RequestAborted);
        });
        await ShouldEndAtDeadlineAsync(silent, told.Task);
        (await told.Task).ShouldBe("300m");

        var begun = new TaskCompletionSource();
        await using var slow = await ServeAsync(async response =>
        {
            await response.StartAsync();
            begun.SetResult();
            await Task.Delay(Timeout.Infinite, response.HttpContext.RequestAborted);
        });
        await ShouldEndAtDeadlineAsync(slow, begun.Task);
    }

    [Fact]
    public async Task Cancelling_ends_the_call_and_the_server_notices()
    {
        var (begun, noticed) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var server = await ServeAsync(async response =>
        {
            await response.StartAsync();
            response.HttpContext.RequestAborted.Register(noticed.SetResult);
            begun.SetResult();
            await Task.Delay(Timeout.Infinite, response.HttpContext.RequestAborted);
        });
        using var cancelled = new CancellationTokenSource();
        var calling = CallAsync(server, cancellationToken: cancelled.Token);
        await begun.Task.WaitAsync(Deadline.Generous);
        await cancelled.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => calling);

        await noticed.Task.WaitAsync(Deadline.Generous);
    }

    [Fact]
    public async Task Nothing_is_read_ahead_of_a_reader_that_does_not_read()
    {
        long sent = 0;
        await using var server = await ServeAsync(async response =>
        {
            var piece = new byte[64 * 1024];
            while (Volatile.Read(ref sent) < 200_000_000)
            {
                await response.Body.WriteAsync(piece, response.HttpContext.RequestAborted);
                Interlocked.Add(ref sent, piece.Length);
            }
        });
        using var channel = Channel(server);
        await using var call = await GrpcCall.StartAsync(channel, "any/method", Request, false, null, CancellationToken.None);

        long before;
        do
        {
            before = Volatile.Read(ref sent);
            await Task.Delay(200);
        }
        while (before == 0 || Volatile.Read(ref sent) != before);

        // One window and what Kestrel and the sockets hold.
        before.ShouldBeLessThan(20_000_000);
        (await call.ReadAsync(new byte[1000])).ShouldBe(1000);
    }

    [Fact]
    public void Frames_are_found_where_they_are_whole()
    {
        var frame = GrpcFrame.Write(new UUID { String = "abc" });
        for (var part = 0; part < frame.Length; part++)
        {
            GrpcFrame.TryRead(frame.AsSpan(0, part), out var announced).ShouldBeFalse();
            announced.ShouldBe(part < GrpcFrame.HeaderBytes ? -1 : frame.Length - GrpcFrame.HeaderBytes);
        }

        GrpcFrame.TryRead([.. frame, 1, 2], out var length).ShouldBeTrue();
        UUID.Parser.ParseFrom(frame, GrpcFrame.HeaderBytes, length).String.ShouldBe("abc");
        Should.Throw<GrpcFailed>(() => GrpcFrame.TryRead([1, 0, 0, 0, 0], out _)).Detail.ShouldContain("compressed");
        Should.Throw<GrpcFailed>(() => GrpcFrame.TryRead([0, 0xFF, 0, 0, 0], out _)).Detail.ShouldContain("announced");
    }

    private static async Task<TestNode> ServeAsync(Func<HttpResponse, Task> answer)
    {
        var node = await TestNode.StartAsync();
        node.Instead = async context =>
        {
            context.Response.ContentType = "application/grpc";
            await answer(context.Response);
        };
        return node;
    }

    // The time is up when the call has come to the server, however long that takes.
    private static async Task ShouldEndAtDeadlineAsync(TestNode server, Task hasCome)
    {
        var time = new HeldTime();
        var calling = CallAsync(server, TimeSpan.FromMilliseconds(300), time: time);
        var deadline = await time.NextTimerAsync();
        await hasCome.WaitAsync(Deadline.Generous);
        deadline.Fire();

        (await Should.ThrowAsync<GrpcFailed>(() => calling)).Status.ShouldBe(GrpcStatusCode.DeadlineExceeded);
    }

    private static async Task<StreamIdentifier> CallAsync(TestNode server, TimeSpan? deadline = null, TimeProvider? time = null, CancellationToken cancellationToken = default)
    {
        using var channel = Channel(server, time);
        await using var call = await GrpcCall.StartAsync(channel, "any/method", Request, false, deadline, cancellationToken);
        return await call.ReadSingleAsync(StreamIdentifier.Parser);
    }

    private static GrpcChannel Channel(TestNode server, TimeProvider? time = null) =>
        new(server.Endpoint, ConnectionString.Parse(server.ConnectionString), time ?? TimeProvider.System);
}
