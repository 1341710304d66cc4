using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace Projections.TestServers.Faults;

/// <summary>
/// A way to a server on this machine that can break, stall, or lose what the server answers. Where that is PostgreSQL, something can go wrong at
/// a single statement, too.
/// </summary>
public sealed class FaultyProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<Link, bool> _links = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<IConversation> _conversation;
    private readonly int _target;
    private readonly Task _accepting;
    private TaskCompletionSource _happened = Pending();
    private volatile Task _requests = Task.CompletedTask;
    private volatile Task _answers = Task.CompletedTask;
    private string? _refusal;
    private volatile bool _shut;

    /// <param name="target">The server's port.</param>
    public FaultyProxy(int target)
        : this(target, _ => new PlainConversation())
    {
    }

    private FaultyProxy(int target, Func<FaultyProxy, IConversation> conversation)
    {
        _target = target;
        _conversation = () => conversation(this);
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync();
    }

    public int Port { get; }

    /// <summary>How many connections go through it.</summary>
    public int Connections => _links.Count;

    /// <summary>Asked at each statement on the way to PostgreSQL, what goes wrong with it; <c>null</c> when nothing does.</summary>
    public Func<SentStatement, WireFault?> FaultAt { get; set; } = _ => null;

    /// <summary>Completes when a fault has taken place since the last <see cref="Mend"/>.</summary>
    public Task Happened => _happened.Task.WaitAsync(Deadline.Generous);

    /// <summary>A way to PostgreSQL.</summary>
    /// <param name="server">A connection string of it, of which the port counts.</param>
    public static FaultyProxy ToPostgres(string server) =>
        new(new NpgsqlConnectionStringBuilder(server).Port, proxy => new PostgresConversation(proxy.FaultOf, proxy.TakeRefusal));

    /// <summary>The same database, by this way.</summary>
    public string Through(string connectionString) => new NpgsqlConnectionStringBuilder(connectionString)
    {
        Host = "127.0.0.1",
        Port = Port,
        SslMode = SslMode.Disable,
    }.ConnectionString;

    /// <summary>Nothing goes wrong any more, and everybody gets through.</summary>
    public void Mend()
    {
        FaultAt = _ => null;
        _refusal = null;
        _shut = false;
        _happened = Pending();
    }

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
        var over = Pending();
        _requests = _answers = over.Task;
        await Task.Delay(length, CancellationToken.None);
        over.SetResult();
    }

    /// <summary>What is asked arrives, its answers do not, and then the connections break: nobody knows what was done.</summary>
    public async Task LoseAnswersAsync(TimeSpan length)
    {
        var over = Pending();
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

    private static TaskCompletionSource Pending() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private WireFault? FaultOf(SentStatement statement)
    {
        if (FaultAt(statement) is not { } fault)
        {
            return null;
        }

        _shut |= fault.Shuts;
        _refusal = fault.RefusesNext ? fault.SqlState : null;
        _happened.TrySetResult();
        return fault;
    }

    private string? TakeRefusal() => Interlocked.Exchange(ref _refusal, null);

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await _listener.AcceptSocketAsync(_stop.Token));
            }
        }
        catch (Exception) when (_stop.IsCancellationRequested)
        {
            // The end, in whatever words: between two of them the listener itself says that it does not listen.
        }
    }

    private async Task ServeAsync(Socket client)
    {
        var server = new Socket(SocketType.Stream, ProtocolType.Tcp);
        var link = new Link(client, server);
        _links.TryAdd(link, true);
        try
        {
            if (!_shut)
            {
                await server.ConnectAsync(new IPEndPoint(IPAddress.Loopback, _target));
                client.NoDelay = server.NoDelay = true;
                var conversation = _conversation();
                await Task.WhenAny(PassAsync(client, server, conversation.Asked, () => _requests), PassAsync(server, client, conversation.Answered, () => _answers));
            }
        }
        catch (SocketException)
        {
            // The server is away, and so the client is told.
        }

        link.Reset();
        _links.TryRemove(link, out _);
        if (_shut)
        {
            Break();
        }
    }

    private static async Task PassAsync(Socket from, Socket to, Func<ReadOnlyMemory<byte>, Passed> look, Func<Task> gate)
    {
        var buffer = new byte[16 * 1024];
        try
        {
            while (await from.ReceiveAsync(buffer) is > 0 and var length)
            {
                await gate();
                var passed = look(buffer.AsMemory(0, length));
                await SendAllAsync(to, passed.On);
                if (passed.IsEnd)
                {
                    await TellAsync(from, passed.Back);
                    return;
                }
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Broken, by somebody.
        }
    }

    /// <summary>Says a last word, and waits until it is heard: a reset could come first.</summary>
    private static async Task TellAsync(Socket to, ReadOnlyMemory<byte> last)
    {
        if (last.Length == 0)
        {
            return;
        }

        await SendAllAsync(to, last);
        to.Shutdown(SocketShutdown.Send);
        var rest = new byte[1024];
        while (await to.ReceiveAsync(rest) > 0)
        {
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
