using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;
using Projections.EventStoreDb.Connection;
using Projections.EventStoreDb.TestServer.Log;
using Projections.EventStoreDb.TestServer.Services;

namespace Projections.EventStoreDb.TestServer;

/// <summary>
/// A server that speaks EventStoreDB's protocol, on loopback, over a log in memory. What it is and does wrong can be changed
/// while it runs.
/// </summary>
public sealed class TestNode : IAsyncDisposable
{
    private readonly X509Certificate2? _certificate;
    private WebApplication? _application;
    private int _port;

    private TestNode(TestLog log, X509Certificate2? certificate)
    {
        State = new NodeState(log);
        _certificate = certificate;
    }

    public TestLog Log => State.Log;

    public int Port => _port;

    public NodeEndpoint Endpoint => new("127.0.0.1", _port);

    public string ConnectionString => $"esdb://127.0.0.1:{_port}?tls=false";

    internal NodeState State { get; }

    /// <summary>Answers a call in the test server's place: for what is no gRPC.</summary>
    internal Func<HttpContext, Task>? Instead { get; set; }

    /// <summary>Starts a server on a free port.</summary>
    /// <param name="log">The log; several nodes may have the same.</param>
    /// <param name="certificate">With one, the server speaks TLS, and asks for the caller's certificate.</param>
    /// <param name="version">The version whose ways it has; 24.10 by default.</param>
    public static async Task<TestNode> StartAsync(TestLog? log = null, X509Certificate2? certificate = null, ServerVersion? version = null)
    {
        var node = new TestNode(log ?? new TestLog(), certificate);
        node.State.Version = version ?? ServerVersion.V24_10;
        await node.StartAgainAsync();
        return node;
    }

    /// <summary>Ends all connections at once and stops listening, as a server that is killed does.</summary>
    public async Task StopAsync()
    {
        if (Interlocked.Exchange(ref _application, null) is { } application)
        {
            using var now = new CancellationTokenSource();
            await now.CancelAsync();
            await application.StopAsync(now.Token);
            await application.DisposeAsync();
        }
    }

    /// <summary>Listens again, on the same port.</summary>
    public async Task StartAgainAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore();
        if (_certificate is not null)
        {
            builder.WebHost.UseKestrelHttpsConfiguration();
        }

        builder.WebHost.ConfigureKestrel(options =>
        {
            options.Limits.Http2.InitialConnectionWindowSize = 8 << 20;
            options.Limits.Http2.InitialStreamWindowSize = 4 << 20;
            options.Limits.MaxRequestBodySize = null;
            options.Limits.MinResponseDataRate = null;
            options.Listen(IPAddress.Loopback, _port, Listen);
        });
        var application = builder.Build();
        var dispatch = new CallDispatch(State);
        application.Run(context => (Instead ?? dispatch.RunAsync)(context));
        await application.StartAsync();
        _port = new Uri(application.Urls.Single()).Port;
        _application = application;
    }

    public async ValueTask DisposeAsync() => await StopAsync();

    private void Listen(ListenOptions options)
    {
        options.Protocols = HttpProtocols.Http2;
        if (_certificate is not null)
        {
            options.UseHttps(_certificate, https =>
            {
                https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
                https.AllowAnyClientCertificate();
            });
        }
    }
}
