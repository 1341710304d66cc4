using System.Net;
using System.Net.Sockets;
using Projections.Testing;
using Projections.TestServers;

namespace Projections.Web;

/// <summary>What a crowd at the door keeps nobody from: the probes of whoever starts and stops containers, and callers from elsewhere.</summary>
public sealed class CrowdTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private static readonly IPAddress Elsewhere = IPAddress.Parse("127.0.0.2");

    [PostgresFact]
    public async Task However_often_somebody_asks_the_probes_are_answered_and_the_page_comes()
    {
        await using var world = await WebWorld.CreateAsync(postgres, 5, options => options.RequestsPerMinute = 6);

        for (var request = 0; request < 20; request++)
        {
            await world.Client.GetAsync("/about");
            (await world.Client.GetAsync("/health/live")).StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        (await world.Client.GetAsync("/about")).StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        (await world.Client.GetAsync("/health/ready")).StatusCode.ShouldBe(HttpStatusCode.OK);
        foreach (var file in (string[])["/", "/page/app.js"])
        {
            (await world.Client.GetAsync(file)).StatusCode.ShouldBe(HttpStatusCode.OK, "it says what is wrong");
        }
    }

    [PostgresFact]
    public async Task One_machine_cannot_take_all_connections()
    {
        await using var world = await WebWorld.CreateAsync(postgres, 5, options => (options.MaxConnections, options.MaxConnectionsOfOneMachine) = (10, 4));
        using var crowd = await Crowd.OfAsync(world.Address, 6, IPAddress.Loopback);

        await Deadline.UntilAsync(crowd.CountCut, cut => cut >= 2, "cut two of six");
        (await AskAsync(world.Address, "/about", Elsewhere)).ShouldBe(HttpStatusCode.OK);
    }

    [PostgresFact]
    public async Task Health_has_an_address_of_its_own_that_stays_open_when_the_other_is_full()
    {
        await using var world = await WebWorld.CreateAsync(
            postgres, 5, options => (options.MaxConnections, options.IdleTimeout, options.HealthListen) = (3, TimeSpan.FromMinutes(5), "127.0.0.1:0"));
        using var crowd = await Crowd.OfAsync(world.Address, 3, IPAddress.Loopback);
        // Somebody who was there before may leave, and one of these have been cut by then.
        await Deadline.UntilAsync(
            async () =>
            {
                await crowd.AddAsync();
                return await IsCutAsync(world.Address, Elsewhere);
            },
            isCut => isCut,
            "be full");

        (await AskAsync(world.HealthAddress, "/health/live", IPAddress.Loopback)).ShouldBe(HttpStatusCode.OK);
        foreach (var elsewhere in (string[])["/", "/about", "/projections", "/openapi.json", "/healthy"])
        {
            (await AskAsync(world.HealthAddress, elsewhere, IPAddress.Loopback)).ShouldBe(HttpStatusCode.NotFound);
        }
    }

    [PostgresFact]
    public async Task A_connection_on_which_nothing_is_asked_is_cut()
    {
        await using var world = await WebWorld.CreateAsync(postgres, 5, options => options.IdleTimeout = TimeSpan.FromMilliseconds(500));
        using var crowd = await Crowd.OfAsync(world.Address, 3, IPAddress.Loopback);

        (await Deadline.UntilAsync(crowd.CountCut, cut => cut == 3, "cut what is idle")).ShouldBe(3);
    }

    private static async Task<HttpStatusCode> AskAsync(Uri address, string path, IPAddress from)
    {
        using var handler = new SocketsHttpHandler { ConnectCallback = async (context, stop) => new NetworkStream(await ConnectAsync(context.DnsEndPoint.Port, from, stop), ownsSocket: true) };
        using var client = new HttpClient(handler) { BaseAddress = address };
        return (await client.GetAsync(path)).StatusCode;
    }

    private static async Task<bool> IsCutAsync(Uri address, IPAddress from)
    {
        try
        {
            await AskAsync(address, "/about", from);
            return false;
        }
        // It may be cut while it is being made, and while it is being used.
        catch (Exception cut) when (cut is HttpRequestException or SocketException or IOException)
        {
            return true;
        }
    }

    private static async Task<Socket> ConnectAsync(int port, IPAddress from, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(from, 0));
        await socket.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
        return socket;
    }

    /// <summary>Connections that are held open, and on which nothing is asked.</summary>
    private sealed class Crowd(Uri address, IPAddress from) : IDisposable
    {
        private readonly List<Socket> _sockets = [];
        private int _cutAtOnce;

        public static async Task<Crowd> OfAsync(Uri address, int size, IPAddress from)
        {
            var crowd = new Crowd(address, from);
            for (var i = 0; i < size; i++)
            {
                await crowd.AddAsync();
            }

            return crowd;
        }

        public async Task AddAsync()
        {
            try
            {
                _sockets.Add(await ConnectAsync(address.Port, from, CancellationToken.None));
            }
            catch (SocketException)
            {
                _cutAtOnce++;
            }
        }

        /// <summary>How many of them the other side has ended.</summary>
        public int CountCut() => _cutAtOnce + _sockets.Count(socket => socket.Poll(0, SelectMode.SelectRead));

        public void Dispose()
        {
            foreach (var socket in _sockets)
            {
                socket.Dispose();
            }
        }
    }
}
