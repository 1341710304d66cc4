using System.Net;
using System.Net.Sockets;

namespace Projections.Web;

/// <summary>A port at which a server is found once it is opened; whatever comes there then goes on to where the server is.</summary>
internal sealed class LateServer : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource _end = new();
    private Task _accepting = Task.CompletedTask;

    // Nobody else can have the port, and nobody listens there yet.
    public LateServer() => _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));

    public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    public void Open(string host, int port)
    {
        _listener.Listen();
        _accepting = AcceptAsync(host.StartsWith('/') ? new UnixDomainSocketEndPoint(Path.Combine(host, $".s.PGSQL.{port}")) : new DnsEndPoint(host, port));
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _accepting;
        _listener.Dispose();
        _end.Dispose();
    }

    private async Task AcceptAsync(EndPoint server)
    {
        var connections = new List<Task>();
        try
        {
            while (true)
            {
                connections.Add(ForwardAsync(await _listener.AcceptAsync(_end.Token), server));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ForwardAsync(Socket client, EndPoint server)
    {
        using var behind = new Socket(server is UnixDomainSocketEndPoint ? AddressFamily.Unix : AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Unspecified);
        await behind.ConnectAsync(server);
        await using var one = new NetworkStream(client, ownsSocket: true);
        await using var other = new NetworkStream(behind);
        await Task.WhenAny(CopyAsync(one, other), CopyAsync(other, one));
    }

    private async Task CopyAsync(Stream from, Stream to)
    {
        try
        {
            await from.CopyToAsync(to, _end.Token);
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // One side has gone.
        }
    }
}
