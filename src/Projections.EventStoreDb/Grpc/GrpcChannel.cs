using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Projections.EventStoreDb.Connection;

namespace Projections.EventStoreDb.Grpc;

/// <summary>The HTTP/2 connection to one node.</summary>
internal sealed class GrpcChannel : IDisposable
{
    // A round trip of 10 ms then still allows 800 MB/s; what one call can have under way is bounded by it.
    private const int StreamWindowBytes = 8 * 1024 * 1024;

    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);

    private readonly string? _authorization;
    private readonly string? _connectionName;

    public GrpcChannel(NodeEndpoint node, StoreSettings settings, TimeProvider time)
    {
        Node = node;
        Time = time;
        Address = new UriBuilder(settings.Tls ? Uri.UriSchemeHttps : Uri.UriSchemeHttp, node.Host, node.Port).Uri;
        Http = new HttpMessageInvoker(Handler(settings));
        _connectionName = settings.ConnectionName;
        _authorization = settings.Credentials is { } user
            ? $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user.Name}:{user.Password}"))}"
            : null;
    }

    public NodeEndpoint Node { get; }

    public Uri Address { get; }

    public TimeProvider Time { get; }

    public HttpMessageInvoker Http { get; }

    /// <summary>Says who calls.</summary>
    public void AddHeaders(HttpRequestHeaders headers)
    {
        if (_authorization is not null)
        {
            headers.TryAddWithoutValidation("authorization", _authorization);
        }

        if (_connectionName is not null)
        {
            headers.TryAddWithoutValidation("connection-name", _connectionName);
        }
    }

    public void Dispose() => Http.Dispose();

    private static SocketsHttpHandler Handler(StoreSettings settings)
    {
        var handler = new SocketsHttpHandler
        {
            ConnectTimeout = ConnectTimeout,
            EnableMultipleHttp2Connections = true,
            InitialHttp2StreamWindowSize = StreamWindowBytes,
            PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
            AutomaticDecompression = System.Net.DecompressionMethods.None,
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
        };
        if (settings.KeepAliveInterval is { } interval)
        {
            handler.KeepAlivePingDelay = interval;
            handler.KeepAlivePingTimeout = settings.KeepAliveTimeout ?? Timeout.InfiniteTimeSpan;
            // A subscription that is silent must notice that its server is gone; a connection without calls need not.
            handler.KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests;
        }

        if (settings.Tls)
        {
            handler.SslOptions = Tls(settings);
        }

        return handler;
    }

    private static SslClientAuthenticationOptions Tls(StoreSettings settings)
    {
        var options = new SslClientAuthenticationOptions();
        if (settings.UserCertificate is { } own)
        {
            options.ClientCertificates = [own];
        }

        if (!settings.TlsVerifyCertificate)
        {
            // Asked for by tlsVerifyCert=false.
#pragma warning disable CA5359
            options.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359
        }
        else if (settings.CertificateAuthorities is { Count: > 0 } authorities)
        {
            var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            policy.CustomTrustStore.AddRange(authorities);
            options.CertificateChainPolicy = policy;
        }

        return options;
    }
}
