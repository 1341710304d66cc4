using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Connections;

namespace Projections.Web.Security;

/// <summary>How many connections one address of ours holds open, in all and for each machine that connects. What comes beyond that is cut at once, before anything is read.</summary>
internal sealed class ConnectionLimits(int most, int mostOfOneMachine)
{
    private readonly ConcurrentDictionary<IPAddress, int> _byMachine = new();
    private int _open;

    /// <summary>Counts a connection for as long as it is served.</summary>
    public ConnectionDelegate Around(ConnectionDelegate served) => async connection =>
    {
        var machine = (connection.RemoteEndPoint as IPEndPoint)?.Address ?? IPAddress.None;
        try
        {
            if (Interlocked.Increment(ref _open) <= most & _byMachine.AddOrUpdate(machine, 1, (_, open) => open + 1) <= mostOfOneMachine)
            {
                await served(connection);
            }
            else
            {
                connection.Abort();
            }
        }
        finally
        {
            Interlocked.Decrement(ref _open);
            Leave(machine);
        }
    };

    private void Leave(IPAddress machine)
    {
        if (_byMachine.AddOrUpdate(machine, 0, (_, open) => open - 1) == 0)
        {
            _byMachine.TryRemove(KeyValuePair.Create(machine, 0));
        }
    }
}
