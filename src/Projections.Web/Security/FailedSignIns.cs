using System.Net;
using Microsoft.Extensions.Logging;
using Projections.Telemetry;

namespace Projections.Web.Security;

/// <summary>Counts keys and tokens that let nobody in, and tells from where they come: at once, and then of each address once a minute.</summary>
internal sealed partial class FailedSignIns(TimeProvider time, ILogger<FailedSignIns> logger)
{
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    /// <summary>Beyond that many addresses at a time, it is no matter which they are.</summary>
    private const int MostAddresses = 1000;

    private readonly Lock _lock = new();
    private readonly Dictionary<IPAddress, (long Since, int Count)> _untold = [];

    public void Note(IPAddress? from, string problem)
    {
        Instruments.FailedSignIns.Add(1);
        var address = from ?? IPAddress.None;
        int count;
        lock (_lock)
        {
            if (_untold.TryGetValue(address, out var before) && time.GetElapsedTime(before.Since) < Window)
            {
                _untold[address] = before with { Count = before.Count + 1 };
                return;
            }

            if (_untold.Count >= MostAddresses)
            {
                _untold.Clear();
            }

            count = before.Count + 1;
            _untold[address] = (time.GetTimestamp(), 0);
        }

        LogFailed(logger, address, count, problem);
    }

    [LoggerMessage(725, LogLevel.Warning, "Sign-ins from {Address} failed: {Count}, the last because {Problem}.")]
    private static partial void LogFailed(ILogger logger, IPAddress address, int count, string problem);
}
