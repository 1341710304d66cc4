using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Projections.Web;

/// <summary>Where to listen, or that nobody listens.</summary>
/// <param name="EndPoint">The address and port; <c>null</c> when nobody listens.</param>
public sealed record ListenAddress(IPEndPoint? EndPoint)
{
    public const string Default = "127.0.0.1:5080";

    private const string Off = "off";

    /// <summary>Whether only programs on this machine can connect.</summary>
    public bool IsLocal => EndPoint is null || IPAddress.IsLoopback(EndPoint.Address);

    public static bool TryParse(string text, [NotNullWhen(true)] out ListenAddress? address)
    {
        address = Parse(text.Trim());
        return address is not null;
    }

    /// <summary>Takes the address at once, so that nobody else can; the server is given what was taken.</summary>
    /// <exception cref="SocketException">Another program has it, or it is no address of this machine.</exception>
    public Socket Take()
    {
        var endPoint = EndPoint ?? throw new InvalidOperationException("Nobody is to listen.");
        var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (endPoint.Address.Equals(IPAddress.IPv6Any))
            {
                socket.DualMode = true;
            }

            socket.Bind(endPoint);
            // Until somebody listens, a second program could bind the same port.
            socket.Listen();
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static ListenAddress? Parse(string text)
    {
        if (text.Equals(Off, StringComparison.OrdinalIgnoreCase))
        {
            return new ListenAddress(EndPoint: null);
        }

        if (ParsePort(text) is { } alone)
        {
            return new ListenAddress(new IPEndPoint(IPAddress.Loopback, alone));
        }

        var colon = text.LastIndexOf(':');
        return colon > 0 && ParsePort(text[(colon + 1)..]) is { } port && ParseHost(text[..colon]) is { } host
            ? new ListenAddress(new IPEndPoint(host, port))
            : null;
    }

    private static int? ParsePort(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port <= IPEndPoint.MaxPort ? port : null;

    private static IPAddress? ParseHost(string text) => text switch
    {
        "*" => Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any,
        "localhost" => IPAddress.Loopback,
        _ => IPAddress.TryParse(text.Trim('[', ']'), out var address) ? address : null,
    };
}
