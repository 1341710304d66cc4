using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Projections.LocalPostgres;

/// <summary>Finds a TCP port for a server on the loopback interface.</summary>
internal static class FreePort
{
    // Below the range from which the kernel takes ports for outgoing connections (32768 on Linux), so that a stopped server
    // finds its port free again.
    private const int First = 20_000;
    private const int End = 32_000;

    public static int Find()
    {
        for (var attempt = 0; attempt < 1_000; attempt++)
        {
            var port = RandomNumberGenerator.GetInt32(First, End);
            if (IsFree(port))
            {
                return port;
            }
        }

        throw new LocalPostgresFailed($"No free TCP port between {First} and {End} on 127.0.0.1.");
    }

    private static bool IsFree(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
