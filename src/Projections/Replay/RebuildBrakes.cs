using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Projections.Catalog;
using Projections.Postgres;
using Projections.Postgres.Brakes;

namespace Projections.Replay;

/// <summary>Holds the rebuilds of this process while others suffer from what is written on the read models' server. It is looked at once a second, for all of them.</summary>
/// <param name="system">The system.</param>
internal sealed partial class RebuildBrakes(ProjectionSystem system)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly IReadOnlyList<IBrake> _brakes = BrakeSet.Of(
        system.Options.LargestReplicaLag,
        system.Options.ReplicasLeftOut,
        system.Options.LargestWalMegabytesPerSecond,
        system.Options.LeastFreeDiskMegabytes,
        system.Options.FreeDiskQuery,
        system.Time);

    private readonly ILogger _logger = system.Loggers.CreateLogger<RebuildBrakes>();
    private readonly ConcurrentDictionary<string, bool> _blind = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private long? _lookedAt;
    private string? _hold;

    /// <summary>Which brake holds, and by what figure; <c>null</c> when none does.</summary>
    public async ValueTask<string?> FindAsync(CancellationToken cancellationToken)
    {
        if (!IsToLook())
        {
            return _hold;
        }

        try
        {
            _hold = await LookAsync(cancellationToken);
        }
        catch (Exception exception) when (PassingFault.Is(exception))
        {
            // The rebuild is told of a broken connection by its own.
            _hold = null;
        }

        return _hold;
    }

    // One looks; the others take what was seen before.
    private bool IsToLook()
    {
        lock (_lock)
        {
            var isToLook = _brakes.Count > 0 && (_lookedAt is not { } before || system.Time.GetElapsedTime(before) >= Interval);
            _lookedAt = isToLook ? system.Time.GetTimestamp() : _lookedAt;
            return isToLook;
        }
    }

    private async Task<string?> LookAsync(CancellationToken cancellationToken)
    {
        await using var connection = await system.ReadModels.OpenConnectionAsync(cancellationToken);
        foreach (var brake in _brakes)
        {
            try
            {
                if (await brake.FindAsync(connection, cancellationToken) is { } figure)
                {
                    return $"{VersionSnapshot.Held}{brake.Name}: {figure}";
                }
            }
            catch (Exception exception) when (exception is not OperationCanceledException && !PassingFault.Is(exception))
            {
                LogIfFirst(brake, exception);
            }
        }

        return null;
    }

    private void LogIfFirst(IBrake brake, Exception exception)
    {
        if (_blind.TryAdd(brake.Name, true))
        {
            LogBlind(_logger, brake.Name, exception.Cause.TrimEnd('.'));
        }
    }

    [LoggerMessage(209, LogLevel.Warning, "The brake {Brake} sees nothing, and holds no rebuild: {Reason}. It is not said again.")]
    private static partial void LogBlind(ILogger logger, string brake, string reason);
}
