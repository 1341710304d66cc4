using System.Net;
using System.Net.Sockets;
using System.Text;
using Projections.TestServers.Faults;

namespace Projections.Chaos;

/// <summary>The faults of a connection are those that the chaos run speaks of.</summary>
public sealed class FaultyProxyTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly TcpListener _server = new(IPAddress.Loopback, 0);
    private FaultyProxy _proxy = null!;
    private Socket _client = null!;
    private Socket _accepted = null!;

    public async Task InitializeAsync()
    {
        _server.Start();
        _proxy = new FaultyProxy(((IPEndPoint)_server.LocalEndpoint).Port);
        _client = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await _client.ConnectAsync(IPAddress.Loopback, _proxy.Port);
        _accepted = await _server.AcceptSocketAsync();
    }

    public async Task DisposeAsync()
    {
        _client.Dispose();
        _accepted.Dispose();
        await _proxy.DisposeAsync();
        _server.Dispose();
    }

    [Fact]
    public async Task What_is_said_passes_in_both_directions()
    {
        await SayAsync(_client, "asked");
        (await HearAsync(_accepted)).ShouldBe("asked");
        await SayAsync(_accepted, "answered");
        (await HearAsync(_client)).ShouldBe("answered");
    }

    [Fact]
    public async Task A_stall_holds_everything_back_and_then_lets_it_through()
    {
        var stall = _proxy.StallAsync(TimeSpan.FromMilliseconds(300));
        await SayAsync(_client, "asked");
        var hearing = HearAsync(_accepted);

        (await Task.WhenAny(hearing, stall)).ShouldBe(stall);
        (await hearing).ShouldBe("asked");
    }

    [Fact]
    public async Task A_lost_answer_leaves_what_was_asked_done_and_the_connection_broken()
    {
        var losing = _proxy.LoseAnswersAsync(TimeSpan.FromMilliseconds(300));
        await SayAsync(_client, "commit");
        (await HearAsync(_accepted)).ShouldBe("commit");
        await SayAsync(_accepted, "committed");

        (await HearAsync(_client)).ShouldBeNull();
        await losing;
    }

    [Fact]
    public async Task A_break_resets_both_ends()
    {
        await SayAsync(_client, "asked");
        await HearAsync(_accepted);

        _proxy.Break();

        (await HearAsync(_client)).ShouldBeNull();
        (await HearAsync(_accepted)).ShouldBeNull();
    }

    private static async Task SayAsync(Socket socket, string text) => await socket.SendAsync(Encoding.ASCII.GetBytes(text));

    /// <returns>What came, or <c>null</c> when the connection was reset.</returns>
    private static async Task<string?> HearAsync(Socket socket)
    {
        var buffer = new byte[100];
        try
        {
            var length = await socket.ReceiveAsync(buffer).WaitAsync(Patience);
            return length == 0 ? null : Encoding.ASCII.GetString(buffer, 0, length);
        }
        catch (SocketException)
        {
            return null;
        }
    }
}
