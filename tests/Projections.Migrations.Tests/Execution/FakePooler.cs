using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Projections.Migrations.Tests.Execution;

/// <summary>
/// Passes a connection on to PostgreSQL, and gives the client another process number than the server's, as a pooler does, whose client
/// connections are not the server's. Which session gets a statement stays the same, so this stands only for what is recognised.
/// </summary>
internal sealed class FakePooler : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _stop = new();
    private readonly int _serverPort;
    private readonly Task _accepting;

    /// <param name="serverPort">Where PostgreSQL listens.</param>
    /// <param name="port">Where to listen; any free port by default.</param>
    public FakePooler(int serverPort, int port = 0)
    {
        _listener = new TcpListener(IPAddress.Loopback, port);
        _serverPort = serverPort;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true)
            {
                connections.Add(PassAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task PassAsync(TcpClient client)
    {
        using var server = new TcpClient();
        using (client)
        {
            try
            {
                await server.ConnectAsync(IPAddress.Loopback, _serverPort, _stop.Token);
                var up = client.GetStream().CopyToAsync(server.GetStream(), _stop.Token);
                await Task.WhenAny(up, AnswerAsync(server.GetStream(), client.GetStream()));
            }
            catch (Exception ended) when (ended is IOException or OperationCanceledException or SocketException)
            {
            }
        }
    }

    // Messages are a letter, a length that counts itself, and a body; K carries the process number.
    private async Task AnswerAsync(NetworkStream server, NetworkStream client)
    {
        var head = new byte[5];
        while (true)
        {
            await server.ReadExactlyAsync(head, _stop.Token);
            var body = new byte[BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(1)) - 4];
            await server.ReadExactlyAsync(body, _stop.Token);
            if (head[0] == (byte)'K')
            {
                BinaryPrimitives.WriteInt32BigEndian(body, 1_000_000 + BinaryPrimitives.ReadInt32BigEndian(body));
            }

            await client.WriteAsync(head, _stop.Token);
            await client.WriteAsync(body, _stop.Token);
        }
    }
}
