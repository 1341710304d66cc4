using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace Projections.EndToEnd;

/// <summary>A way to a PostgreSQL server that breaks at the next commit and stays broken until it is mended.</summary>
internal sealed class LostCommits : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly NpgsqlConnectionStringBuilder _server;
    private readonly List<Socket> _sockets = [];
    private readonly TaskCompletionSource _broken = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _accepting;
    private volatile bool _armed;
    private volatile bool _away;

    public LostCommits(string server)
    {
        _server = new NpgsqlConnectionStringBuilder(server);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Whether the commit arrives at the server, so that only its answer is lost.</summary>
    public bool CommitArrives { get; init; }

    /// <summary>Completes when a commit was lost.</summary>
    public Task Broken => _broken.Task.WaitAsync(TimeSpan.FromSeconds(60));

    public string ConnectionString => new NpgsqlConnectionStringBuilder(_server.ConnectionString)
    {
        Host = "127.0.0.1",
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port,
        Timeout = 2,
        SslMode = SslMode.Disable,
    }.ConnectionString;

    /// <summary>The next commit is lost, and nobody gets through after that.</summary>
    public void Arm() => _armed = true;

    public void Mend() => (_armed, _away) = (false, false);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        CutAll();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var near = await _listener.AcceptSocketAsync(_stop.Token);
                if (_away)
                {
                    near.Dispose();
                    continue;
                }

                var far = new Socket(SocketType.Stream, ProtocolType.Tcp);
                await far.ConnectAsync(IPAddress.Loopback, _server.Port, _stop.Token);
                lock (_sockets)
                {
                    _sockets.AddRange([near, far]);
                }

                _ = CarryAsync(near, far, isAnswer: false);
                _ = CarryAsync(far, near, isAnswer: true);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // At its end.
        }
    }

    private async Task CarryAsync(Socket from, Socket to, bool isAnswer)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            int read;
            while ((read = await from.ReceiveAsync(buffer, _stop.Token)) > 0)
            {
                if (_away && isAnswer)
                {
                    // The server has answered; what it did is done.
                    break;
                }

                if (!isAnswer && _armed && buffer.AsSpan(0, read).IndexOf("\0commit\0"u8) >= 0)
                {
                    _away = true;
                    if (!CommitArrives)
                    {
                        break;
                    }
                }

                await to.SendAsync(buffer.AsMemory(0, read), _stop.Token);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // One end is gone, and the other follows.
        }

        if (_away)
        {
            CutAll();
            _broken.TrySetResult();
        }

        from.Dispose();
        to.Dispose();
    }

    private void CutAll()
    {
        lock (_sockets)
        {
            _sockets.ForEach(socket => socket.Dispose());
            _sockets.Clear();
        }
    }
}
