using Microsoft.Extensions.Logging;
using Projections.Definitions;

namespace Projections.Replay;

/// <summary>One rebuild's waiting while a brake holds, and what people are told of it.</summary>
/// <param name="system">The system.</param>
/// <param name="version">The version that is rebuilt.</param>
/// <param name="tell">Says in the catalog what is being done; <c>null</c> for what was done before.</param>
internal sealed partial class RebuildHold(ProjectionSystem system, VersionId version, Func<string?, CancellationToken, Task> tell)
{
    /// <summary>As often as the brakes are looked at. It is told anew each time, with the figure of the moment, and because others tell of the version, too.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(1);

    /// <summary>A brake that comes and goes is logged no more often.</summary>
    private static readonly TimeSpan BetweenLogs = TimeSpan.FromMinutes(1);

    private readonly ILogger _logger = system.Loggers.CreateLogger<RebuildHold>();
    private bool _isHeld;
    private long? _loggedAt;
    private bool _isLogged;

    /// <summary>Waits until no brake holds.</summary>
    public Task EndAsync(CancellationToken stop) => IsOverAsync(Timeout.InfiniteTimeSpan, stop);

    /// <summary>Waits until no brake holds, or for so long.</summary>
    /// <returns>Whether none does.</returns>
    public async Task<bool> IsOverAsync(TimeSpan patience, CancellationToken stop)
    {
        var began = system.Time.GetTimestamp();
        while (await system.Brakes.FindAsync(stop) is { } hold)
        {
            await TellAsync(hold, stop);
            if (patience != Timeout.InfiniteTimeSpan && system.Time.GetElapsedTime(began) >= patience)
            {
                return false;
            }

            await Task.Delay(Rest, system.Time, stop);
        }

        await TellEndAsync(stop);
        return true;
    }

    private async Task TellAsync(string hold, CancellationToken stop)
    {
        if (!_isHeld && (_loggedAt is not { } logged || system.Time.GetElapsedTime(logged) >= BetweenLogs))
        {
            (_loggedAt, _isLogged) = (system.Time.GetTimestamp(), true);
            LogHeld(_logger, version, hold);
        }

        _isHeld = true;
        await tell(hold, stop);
    }

    private async Task TellEndAsync(CancellationToken stop)
    {
        if (!_isHeld)
        {
            return;
        }

        if (_isLogged)
        {
            _isLogged = false;
            LogReleased(_logger, version);
        }

        _isHeld = false;
        await tell(null, stop);
    }

    [LoggerMessage(210, LogLevel.Warning, "{Version} is {Hold}. It goes on by itself.")]
    private static partial void LogHeld(ILogger logger, VersionId version, string hold);

    [LoggerMessage(211, LogLevel.Information, "{Version} goes on: no brake holds it any more.")]
    private static partial void LogReleased(ILogger logger, VersionId version);
}
