using System.Globalization;
using Microsoft.Extensions.Logging;
using Npgsql;
using Projections.Catalog;
using Projections.Definitions;
using Projections.Events;
using Projections.Postgres;

namespace Projections.Replay;

/// <summary>
/// The beginning of the state <c>replaying</c> for a version whose history is folded by several workers: cuts its streams into shards, which any worker takes that knows the version
/// (<see cref="ShardReplay"/>), cuts further when more are asked for, waits until all stand at one position, and makes them one checkpoint. Folds nothing itself, and keeps nothing in memory:
/// whoever takes the version's lease goes on here.
/// </summary>
/// <param name="system">The system.</param>
/// <param name="definition">The version.</param>
/// <param name="lease">Its lease.</param>
/// <param name="news">Wakes when somebody has done something.</param>
/// <param name="describe">Says in the catalog what is being done, and of how many events.</param>
internal sealed partial class ReplayInShards(
    ProjectionSystem system, ProjectionVersion definition, Lease lease, CatalogSignal news, Func<string?, EventCount?, CancellationToken, Task> describe)
{
    /// <summary>A shard with fewer events takes its worker less time than it takes to say that they are many.</summary>
    private const int FewestEvents = 1_000_000;

    /// <summary>What is asked for while nobody announces it.</summary>
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(1);

    private readonly ILogger _logger = system.Loggers.CreateLogger<ReplayInShards>();
    private string? _told;

    /// <summary>Replays history in shards, if there are to be several, up to a position that was the head when they were cut.</summary>
    /// <param name="version">The version as it is.</param>
    /// <param name="expected">By what others in this process know that it is about to read with them.</param>
    /// <param name="stop">Stops the waiting; the shards go on.</param>
    /// <returns>The version as it is then, with one checkpoint.</returns>
    /// <exception cref="BuildRefused">Shards were asked for, and the version cannot be cut.</exception>
    public async Task<VersionSnapshot> RunAsync(VersionSnapshot version, IDisposable expected, CancellationToken stop)
    {
        if (version.Phase != VersionPhase.Replaying || (version.Shards.Count == 0 && !await TryOpenAsync(version, stop)))
        {
            return version;
        }

        // It reads nothing itself.
        expected.Dispose();
        while (true)
        {
            var signal = news.Next;
            version = await system.Catalog.ReadAsync(definition.Id.Projection, stop) is { } projection && projection.Find(definition.Id.Number) is { } found ? found : throw new LeaseLost(lease);
            if (version.Shards.All(shard => shard.IsDone))
            {
                return await JoinAsync(stop);
            }

            if (version.ShardsAsked > version.Shards.Count)
            {
                await SplitAsync(stop);
            }

            await TellAsync(version, stop);
            await news.WaitAsync(signal, BetweenLooks, stop);
        }
    }

    private async Task<bool> TryOpenAsync(VersionSnapshot version, CancellationToken stop)
    {
        if (await CountAsync(version, stop) is not (> 1 and var count))
        {
            return false;
        }

        var head = await system.Source.GetSafeHeadAsync(stop);
        SourceRestored.ThrowIfBehind(definition.Id, head, version.Checkpoint);
        if (head.Position <= (version.Checkpoint ?? EventPosition.BeforeFirst))
        {
            return false;
        }

        await ChangeAsync(
            (connection, locked) => Shards.AddAsync(connection, locked, definition.AllStreams!.Value.Split(count), head.Position, stop),
            stop);
        LogOpened(_logger, definition.Id, count, version.Checkpoint ?? EventPosition.BeforeFirst, head.Position);
        await DescribeTotalAsync(version, stop);
        return true;
    }

    /// <summary>In how many shards it is to be replayed: as many as were asked for, and else as there are workers and events for.</summary>
    private async Task<int> CountAsync(VersionSnapshot version, CancellationToken stop)
    {
        // What begins with the rows of another version has little left to replay.
        if (version.ShardsAsked == 1 || version.SeededFrom is not null)
        {
            return 1;
        }

        await using var connection = await system.ReadModels.OpenConnectionAsync(stop);
        if ((ShardFit.FindObstacle(definition) ?? await ShardFit.FindObstacleAsync(connection, SqlName.Quote(system.Options.Schema, definition.Id.Table), stop)) is { } obstacle)
        {
            return version.ShardsAsked is null
                ? 1
                : throw new BuildRefused($"{definition.Id} cannot be replayed in shards: {obstacle}. Run 'projections abort {definition.Id.Projection} --version {definition.Id.Number}', and rebuild without --shards.");
        }

        return version.ShardsAsked ?? await FittingCountAsync(connection, version, stop);
    }

    private async Task<int> FittingCountAsync(NpgsqlConnection connection, VersionSnapshot version, CancellationToken stop)
    {
        var workers = await WorkerRegister.CountAsync(connection, stop);
        if (workers < 2)
        {
            return 1;
        }

        try
        {
            var left = await system.Source.History.EstimateCountAsync(version.Checkpoint ?? EventPosition.BeforeFirst, definition.Filter, stop);
            return (int)Math.Clamp(left.Events / FewestEvents, 1, Math.Min(workers, Shards.Most));
        }
        catch (Exception exception) when (exception is EventSourceUnusable || PassingFault.Is(exception))
        {
            // Who reads it is told.
            return 1;
        }
    }

    /// <summary>Cuts the widest shards in two, of those that are not done, until there are as many as were asked for.</summary>
    private Task SplitAsync(CancellationToken stop) => ChangeAsync(
        async (connection, locked) =>
        {
            var shards = await Shards.LockAsync(connection, definition.Id, stop);
            for (var count = shards.Count; count < locked.ShardsAsked && shards.Where(shard => shard is { IsDone: false, Width: > 1 }).MaxBy(shard => shard.Width) is { } widest; count++)
            {
                await Shards.SplitAsync(connection, widest, stop);
                LogSplit(_logger, widest.Id, widest.Checkpoint ?? EventPosition.BeforeFirst);
                shards = await Shards.LockAsync(connection, definition.Id, stop);
            }
        },
        stop);

    /// <summary>Makes the shards one checkpoint. They are looked at once more behind their locks: all of them done, and between them all streams once.</summary>
    private async Task<VersionSnapshot> JoinAsync(CancellationToken stop)
    {
        await ChangeAsync(
            async (connection, locked) =>
            {
                var shards = await Shards.LockAsync(connection, definition.Id, stop);
                if (shards.Count == 0 || !shards.All(shard => shard.IsDone && shard.End == shards[0].End) || !AreAllStreams(shards))
                {
                    throw new InvalidOperationException($"The shards of {definition.Id} do not make a whole: {string.Join("; ", shards)}. Begin anew with 'projections abort {definition.Id.Projection} --version {definition.Id.Number}' and a rebuild.");
                }

                var folded = shards.Sum(shard => shard.EventsDone);
                await Checkpoints.AdvanceAsync(connection, lease, locked.Checkpoint, shards[0].End, folded, shards.Select(shard => shard.Last).MaxBy(last => last?.Position), stop);
                await Shards.RemoveAsync(connection, definition.Id, stop);
                await connection.ExecuteAsync("update projections.version set shards = 1 where projection = $1 and number = $2", stop, definition.Id.Projection.Value, definition.Id.Number);
                LogJoined(_logger, shards.Count, definition.Id, shards[0].End, folded);
            },
            stop);
        await using var connection = await system.ReadModels.OpenConnectionAsync(stop);
        var joined = await Checkpoints.ProveAsync(connection, lease, stop);
        lease.Renewed(joined.Phase, joined.Throttle, joined.ShardsAsked);
        return joined;
    }

    private static bool AreAllStreams(IReadOnlyList<ShardSnapshot> shards) =>
        shards[0].Id.From == StreamShare.Least && shards[^1].To == StreamShare.End && shards.Zip(shards.Skip(1)).All(pair => pair.First.To == pair.Second.Id.From);

    /// <summary>Changes the shards behind the lock of the version's row, and tells the workers.</summary>
    private async Task ChangeAsync(Func<NpgsqlConnection, VersionSnapshot, Task> change, CancellationToken stop)
    {
        await using var connection = await system.ReadModels.OpenConnectionAsync(stop);
        await using var transaction = await connection.BeginTransactionAsync(stop);
        await change(connection, await Checkpoints.ProveAsync(connection, lease, VersionPhase.Replaying, stop));
        await ProjectionCatalog.NotifyAsync(connection, definition.Id.Projection, stop);
        await transaction.CommitAsync(stop);
    }

    private async Task DescribeTotalAsync(VersionSnapshot version, CancellationToken stop)
    {
        try
        {
            var left = await system.Source.History.EstimateCountAsync(version.Checkpoint ?? EventPosition.BeforeFirst, definition.Filter, stop);
            await describe(null, left with { Events = version.EventsDone + left.Events }, stop);
        }
        catch (Exception exception) when (exception is EventSourceUnusable || PassingFault.Is(exception))
        {
            // No replay depends on it.
        }
    }

    private async Task TellAsync(VersionSnapshot version, CancellationToken stop)
    {
        var activity = string.Create(
            CultureInfo.InvariantCulture,
            $"in {version.Shards.Count} shards, {version.Shards.Count(shard => shard.IsDone)} done, by {version.Shards.Where(shard => shard.IsLeased).Select(shard => shard.LeaseHolder).Distinct().Count()} workers")
            + string.Concat(version.Shards.Select(shard => shard.Activity).OfType<string>().Distinct().Select(activity => $"; {activity}"));
        if (activity != _told)
        {
            await describe(activity, null, stop);
            _told = activity;
        }
    }

    [LoggerMessage(212, LogLevel.Information, "{Version} is replayed in {Count} shards, from {From} to {To}.")]
    private static partial void LogOpened(ILogger logger, VersionId version, int count, EventPosition from, EventPosition to);

    [LoggerMessage(213, LogLevel.Information, "{Shard} is cut in two at {Position}.")]
    private static partial void LogSplit(ILogger logger, ShardId shard, EventPosition position);

    [LoggerMessage(214, LogLevel.Information, "The {Count} shards of {Version} are one again at {Position}, with {Events} events.")]
    private static partial void LogJoined(ILogger logger, int count, VersionId version, EventPosition position, long events);
}
