using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Projections.Chaos.Ground;

/// <summary>A way to a server on this machine that can break, stall, or lose what the server answers.</summary>
internal sealed class FaultyProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<Link, bool> _links = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly int _target;
    private readonly Task _accepting;
    private volatile Task _requests = Task.CompletedTask;
    private volatile Task _answers = Task.CompletedTask;

    public FaultyProxy(int target)
    {
        _target = target;
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync();
    }

    public int Port { get; }

    /// <summary>How many connections go through it.</summary>
    public int Connections => _links.Count;

    /// <summary>All connections are reset, wherever in a message they are.</summary>
    public void Break()
    {
        foreach (var link in _links.Keys)
        {
            link.Reset();
        }
    }

    /// <summary>Nothing passes for a while, in neither direction, and then all of it.</summary>
    public async Task StallAsync(TimeSpan length)
    {
        var over = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _requests = _answers = over.Task;
        await Task.Delay(length, CancellationToken.None);
        over.SetResult();
    }

    /// <summary>What is asked arrives, its answers do not, and then the connections break: nobody knows what was done.</summary>
    public async Task LoseAnswersAsync(TimeSpan length)
    {
        var over = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _answers = over.Task;
        await Task.Delay(length, CancellationToken.None);
        Break();
        over.SetResult();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        Break();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await _listener.AcceptSocketAsync(_stop.Token));
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The end.
        }
    }

    private async Task ServeAsync(Socket client)
    {
        var server = new Socket(SocketType.Stream, ProtocolType.Tcp);
        var link = new Link(client, server);
        _links.TryAdd(link, true);
        try
        {
            await server.ConnectAsync(new IPEndPoint(IPAddress.Loopback, _target));
            client.NoDelay = server.NoDelay = true;
            await Task.WhenAny(PassAsync(client, server, () => _requests), PassAsync(server, client, () => _answers));
        }
        catch (SocketException)
        {
            // The server is away, and so the client is told.
        }

        link.Reset();
        _links.TryRemove(link, out _);
    }

    private static async Task PassAsync(Socket from, Socket to, Func<Task> gate)
    {
        var buffer = new byte[16 * 1024];
        try
        {
            while (await from.ReceiveAsync(buffer) is > 0 and var length)
            {
                await gate();
                await SendAllAsync(to, buffer.AsMemory(0, length));
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Broken, by somebody.
        }
    }

    private static async Task SendAllAsync(Socket to, ReadOnlyMemory<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            bytes = bytes[await to.SendAsync(bytes)..];
        }
    }

    private sealed record Link(Socket Client, Socket Server)
    {
        /// <summary>Both ends learn of it by a reset, not by an orderly end.</summary>
        public void Reset()
        {
            Client.Close(0);
            Server.Close(0);
        }
    }
}
