using System.Runtime.CompilerServices;
using Npgsql;
using Projections.Catalog;
using Projections.Definitions;
using Projections.Events;
using Projections.CommandLine.Terminal;
using Projections.Operations;

namespace Projections.CommandLine.Commands;

/// <summary>
/// Watches a version in the catalog until there is nothing more to wait for. It does not matter who does the work: this process,
/// or a worker elsewhere.
/// </summary>
/// <param name="system">The system.</param>
/// <param name="id">The version.</param>
/// <param name="worker">The worker of this process; when it cannot go on, neither does the watch.</param>
internal sealed class BuildWatch(ProjectionSystem system, VersionId id, Task worker)
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(150);

    /// <summary>Counting what lies behind a checkpoint costs the event store a query.</summary>
    private static readonly TimeSpan BetweenCounts = TimeSpan.FromSeconds(1);

    /// <summary>What is seen, several times a second. Ends with the state that there was to wait for, and at once when there is no such version.</summary>
    /// <param name="isOver">Whether there is nothing more to wait for.</param>
    /// <param name="cancellationToken">Ends the watch; the work goes on.</param>
    public async IAsyncEnumerable<BuildProgress> ReadAsync(
        Func<VersionSnapshot, bool> isOver, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Lag? lag = null;
        var counted = 0L;
        while (true)
        {
            if (worker.IsFaulted)
            {
                await worker;
            }

            var (reached, version) = await TryReadAsync(cancellationToken);
            if (reached && version is null)
            {
                yield break;
            }

            if (version is not null)
            {
                if (HasLag(version) && (counted == 0 || system.Time.GetElapsedTime(counted) > BetweenCounts))
                {
                    lag = await TryCountAsync(cancellationToken);
                    counted = system.Time.GetTimestamp();
                }

                yield return new BuildProgress(version, HasLag(version) ? lag : null);
                if (isOver(version))
                {
                    yield break;
                }
            }

            await Task.Delay(BetweenLooks, system.Time, cancellationToken);
        }
    }

    private static bool HasLag(VersionSnapshot version) => version.State == VersionState.CatchingUp || version.State.IsFollowed();

    private async Task<(bool Reached, VersionSnapshot? Version)> TryReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            return (true, (await system.Catalog.ReadAsync(id.Projection, cancellationToken))?.Find(id.Number));
        }
        catch (Exception exception) when (WillPass(exception))
        {
            return (false, null);
        }
    }

    private async Task<Lag?> TryCountAsync(CancellationToken cancellationToken)
    {
        try
        {
            var statuses = await new ReadStatus(system).RunAsync(id.Projection, cancellationToken);
            return statuses.SelectMany(status => status.Versions).FirstOrDefault(status => status.Version.Id == id)?.Lag;
        }
        catch (Exception exception) when (WillPass(exception))
        {
            return null;
        }
    }

    /// <summary>A server that is being restarted; the worker survives that, and so does the watch.</summary>
    private static bool WillPass(Exception exception) =>
        exception is EventSourceUnavailable or IOException or TimeoutException or NpgsqlException { IsTransient: true }
        or PostgresException { SqlState: PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown };
}
