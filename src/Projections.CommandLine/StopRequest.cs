using System.Runtime.InteropServices;
using Projections.Postgres;

namespace Projections.CommandLine;

/// <summary>
/// Ctrl-C and SIGTERM as a cancellation, so that work is committed and leases are given up. A second signal ends the
/// process at once: nothing is lost by that either, only the lease has then to run out.
/// </summary>
internal sealed class StopRequest : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly PosixSignalRegistration[] _registrations;

    public StopRequest() =>
        _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop),
        ];

    public CancellationToken Token => _stop.Token;

    public void Dispose()
    {
        foreach (var registration in _registrations)
        {
            registration.Dispose();
        }

        _stop.Dispose();
    }

    private void Stop(PosixSignalContext context)
    {
        context.Cancel = !_stop.IsCancellationRequested;
        _stop.CallOff();
    }
}
