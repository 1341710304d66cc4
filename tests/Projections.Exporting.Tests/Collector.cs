using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Projections.TestServers;

namespace Projections.Exporting.Tests;

/// <summary>Takes what is sent by OTLP over HTTP, as a collector does, and keeps it as it came.</summary>
internal sealed class Collector : IAsyncDisposable
{
    private readonly WebApplication _server;
    private readonly ConcurrentQueue<(string Path, string Body)> _received = new();

    private Collector(WebApplication server) => _server = server;

    public string Address => _server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

    public static async Task<Collector> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrel().UseUrls("http://127.0.0.1:0");
        var collector = new Collector(builder.Build());
        collector._server.Run(collector.TakeAsync);
        await collector._server.StartAsync();
        return collector;
    }

    /// <summary>Waits until a text has come on a path. Names and texts stand in the messages as they are.</summary>
    public Task ReceivesAsync(string path, string text) => ReceivesAsync(path, body => body.Contains(text, StringComparison.Ordinal), text, after: 0);

    /// <summary>Waits until a message comes on a path that is as it should be; what has come already does not count.</summary>
    public Task ReceivesNextAsync(string path, Func<string, bool> isRight, string what) => ReceivesAsync(path, isRight, what, _received.Count);

    private async Task ReceivesAsync(string path, Func<string, bool> isRight, string what, int after)
    {
        using var patience = new CancellationTokenSource(Deadline.Generous);
        while (!_received.Skip(after).Any(message => message.Path == path && isRight(message.Body)))
        {
            if (patience.IsCancellationRequested)
            {
                throw new InvalidOperationException($"'{what}' did not come on {path}; there came {string.Join(", ", _received.Select(message => $"{message.Path} ({message.Body.Length})"))}.");
            }

            await Task.Delay(20);
        }
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task TakeAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        _received.Enqueue((context.Request.Path, Encoding.Latin1.GetString(body.ToArray())));
        context.Response.ContentType = "application/x-protobuf";
    }
}
