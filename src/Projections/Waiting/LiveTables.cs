using Microsoft.Extensions.Logging;
using Npgsql;
using Projections.Catalog;
using Projections.Commands;
using Projections.Definitions;
using Projections.Events;
using Projections.Faults;
using Projections.LateEvents;
using Projections.Postgres;

namespace Projections.Waiting;

/// <summary>
/// Knows when the tables that read names show have come to a position, for everybody who waits in this process: one session looks at the catalog
/// while somebody waits, and none while nobody does.
/// </summary>
/// <param name="readModels">The read models' database.</param>
/// <param name="lateEvents">Who finds late events; <c>null</c> where the source passes nothing without a proof.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Where interruptions are told.</param>
internal sealed partial class LiveTables(NpgsqlDataSource readModels, LateEventWatch? lateEvents, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    /// <summary>Between two looks.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(5);

    private static readonly TimeSpan AfterFault = TimeSpan.FromMilliseconds(250);

    private readonly Lock _lock = new();
    private readonly Dictionary<ProjectionName, SortedSet<Waiter>> _waiting = [];
    private readonly CancellationTokenSource _stop = new();
    private Task? _looking;
    private long _number;
    private long _look;

    /// <summary>Completes when the read name shows everything up to and with a position.</summary>
    /// <exception cref="OperationRefused">The catalog does not have the projection.</exception>
    public async Task WaitAsync(ProjectionName projection, EventPosition position, CancellationToken cancellationToken)
    {
        var waiter = Add(projection, position);
        try
        {
            await waiter.Shown.Task.WaitAsync(cancellationToken);
        }
        finally
        {
            Remove(projection, waiter);
        }
    }

    /// <summary>Looks at one.</summary>
    /// <param name="projection">The projection.</param>
    /// <param name="position">The position that is asked for; <c>null</c> when only the table is.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <exception cref="OperationRefused">The catalog does not have the projection.</exception>
    public async Task<LiveTable> FindAsync(ProjectionName projection, EventPosition? position, CancellationToken cancellationToken)
    {
        await using var connection = await readModels.OpenConnectionAsync(cancellationToken);
        var seen = (await ReadAsync(connection, [projection], cancellationToken)).SingleOrDefault() ?? throw Unknown(projection);
        return position is { } one && one <= seen.Table.Checkpoint ? await LookCloserAsync(connection, seen, [one], cancellationToken) : seen.Table;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CallOffAsync();
        await (_looking ?? Task.CompletedTask);
        _stop.Dispose();
    }

    private Waiter Add(ProjectionName projection, EventPosition position)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_stop.IsCancellationRequested, this);
            var waiter = new Waiter(position, _number++, _look);
            if (!_waiting.TryGetValue(projection, out var waiters))
            {
                _waiting[projection] = waiters = [];
            }

            waiters.Add(waiter);
            _looking ??= Task.Run(() => LookWhileSomebodyWaitsAsync(_stop.Token));
            return waiter;
        }
    }

    private void Remove(ProjectionName projection, Waiter waiter)
    {
        lock (_lock)
        {
            if (_waiting.TryGetValue(projection, out var waiters) && waiters.Remove(waiter) && waiters.Count == 0)
            {
                _waiting.Remove(projection);
            }
        }
    }

    private async Task LookWhileSomebodyWaitsAsync(CancellationToken stop)
    {
        while (Begin())
        {
            var pause = Interval;
            try
            {
                await LookAsync(stop);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                break;
            }
            catch (Exception exception) when (PassingFault.Is(exception))
            {
                LogBlind(logger, exception.Cause);
                pause = AfterFault;
            }
            catch (Exception exception)
            {
                Fail(exception);
            }

            await Task.Delay(pause, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        // Whoever has come since nobody waited is another loop's.
        if (stop.IsCancellationRequested)
        {
            Fail(new OperationCanceledException(stop));
        }
    }

    /// <returns>Whether somebody waits; else whoever comes next begins to look again.</returns>
    private bool Begin()
    {
        lock (_lock)
        {
            if (_waiting.Count == 0 || _stop.IsCancellationRequested)
            {
                _looking = null;
                return false;
            }

            _look++;
            return true;
        }
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        await using var connection = await readModels.OpenConnectionAsync(cancellationToken);
        var names = Names();
        var seen = await ReadAsync(connection, names, cancellationToken);
        foreach (var one in seen)
        {
            if (WaitersUpTo(one.Table) is { Count: > 0 } waiters)
            {
                var table = await LookCloserAsync(connection, one, [.. waiters.Select(waiter => waiter.Position).Distinct()], cancellationToken);
                foreach (var waiter in waiters.Where(waiter => table.MissingUpTo(waiter.Position) is null))
                {
                    waiter.Shown.TrySetResult();
                }
            }
        }

        foreach (var unknown in names.Except(seen.Select(one => one.Table.Projection)))
        {
            Fail(Unknown(unknown), name => name == unknown);
        }
    }

    private IReadOnlyList<ProjectionName> Names()
    {
        lock (_lock)
        {
            return [.. _waiting.Keys];
        }
    }

    // Who has come since the look began waits for the next: what they wait for may have turned up late after it was looked for.
    private List<Waiter> WaitersUpTo(LiveTable table)
    {
        lock (_lock)
        {
            return _waiting.TryGetValue(table.Projection, out var waiters)
                ? [.. waiters.TakeWhile(waiter => waiter.Position <= table.Checkpoint).Where(waiter => waiter.Look < _look)]
                : [];
        }
    }

    private void Fail(Exception exception, Func<ProjectionName, bool>? only = null)
    {
        lock (_lock)
        {
            foreach (var waiter in _waiting.Where(waiters => only?.Invoke(waiters.Key) ?? true).SelectMany(waiters => waiters.Value))
            {
                waiter.Shown.TrySetException(exception);
            }
        }
    }

    private static OperationRefused Unknown(ProjectionName projection) =>
        new($"There is no projection '{projection}' in the catalog: it was never built.", isMistake: true);

    private static async Task<IReadOnlyList<Seen>> ReadAsync(NpgsqlConnection connection, IReadOnlyList<ProjectionName> names, CancellationToken cancellationToken) =>
        await connection.QueryAsync(
            """
            select p.name, v.number, v.phase, p.kept_table is not null, v.position_major, v.position_minor,
                exists (select from projections.given_up g where g.projection = v.projection and g.number = v.number),
                exists (select from projections.late_event l where l.projection = v.projection and l.number = v.number and l.status = 'waiting'),
                exists (select from projections.dead_letter d where d.projection = v.projection and d.number = v.number and d.status in ('waiting', 'retry'))
            from projections.projection p left join projections.version v on v.projection = p.name and v.role = 'live'
            where p.name = any ($1)
            """,
            row => new Seen(
                new LiveTable(
                    new ProjectionName(row.GetString(0)),
                    row.IsDBNull(1) ? null : row.GetInt32(1),
                    row.IsDBNull(2) ? null : VersionPhases.Parse(row.GetString(2)),
                    row.GetBoolean(3),
                    row.GetPosition(4),
                    FirstLate: null,
                    new HashSet<EventPosition>()),
                HasGivenUp: row.GetBoolean(6),
                HasLate: row.GetBoolean(7),
                HasDeadLetters: row.GetBoolean(8)),
            cancellationToken,
            (object)names.Select(name => name.Value).ToArray());

    /// <summary>What the rows lack of positions that the checkpoint has passed.</summary>
    private async Task<LiveTable> LookCloserAsync(NpgsqlConnection connection, Seen seen, IReadOnlyList<EventPosition> passed, CancellationToken cancellationToken) =>
        seen.Table with
        {
            FirstLate = seen.HasGivenUp || seen.HasLate ? await FindFirstLateAsync(connection, seen.Table, seen.HasGivenUp, cancellationToken) : null,
            SetAside = seen.HasDeadLetters ? await FindSetAsideAsync(connection, seen.Table, passed, cancellationToken) : seen.Table.SetAside,
        };

    // What was committed before this look and is behind the checkpoint without being in the rows is at a number that was given up: found here, whenever the
    // watch would have come to it.
    private async Task<EventPosition?> FindFirstLateAsync(NpgsqlConnection connection, LiveTable table, bool hasGivenUp, CancellationToken cancellationToken)
    {
        var version = new VersionId(table.Projection, table.Number!.Value);
        if (hasGivenUp && lateEvents is { } watch)
        {
            await watch.NoteAsync(connection, version, cancellationToken);
        }

        return await LateEventList.FindFirstWaitingAsync(connection, version, cancellationToken);
    }

    private static async Task<IReadOnlySet<EventPosition>> FindSetAsideAsync(
        NpgsqlConnection connection, LiveTable table, IReadOnlyList<EventPosition> among, CancellationToken cancellationToken)
    {
        var found = await connection.QueryAsync(
            """
            select position_major, position_minor
            from projections.dead_letter join unnest($3::bigint[], $4::bigint[]) as asked (position_major, position_minor) using (position_major, position_minor)
            where projection = $1 and number = $2 and status in ('waiting', 'retry')
            """,
            row => row.GetPosition(0)!.Value,
            cancellationToken,
            table.Projection.Value,
            table.Number!.Value,
            among.Select(position => position.Major).ToArray(),
            among.Select(position => position.Minor).ToArray());
        return found.ToHashSet();
    }

    [LoggerMessage(171, LogLevel.Warning, "Nobody who waits for rows can be told at the moment ({Reason}); it is tried again.")]
    private static partial void LogBlind(ILogger logger, string reason);

    /// <param name="Table">What a first look shows.</param>
    /// <param name="HasGivenUp">Whether the version has passed numbers without a proof.</param>
    /// <param name="HasLate">Whether its rows lack events that came late.</param>
    /// <param name="HasDeadLetters">Whether events of it are set aside.</param>
    private sealed record Seen(LiveTable Table, bool HasGivenUp, bool HasLate, bool HasDeadLetters);

    /// <param name="Position">What is waited for.</param>
    /// <param name="Number">In the order of coming.</param>
    /// <param name="Look">The look that was under way, or was the last, when it came.</param>
    private sealed record Waiter(EventPosition Position, long Number, long Look) : IComparable<Waiter>
    {
        public TaskCompletionSource Shown { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int CompareTo(Waiter? other) => other is null ? 1 : (Position, Number).CompareTo((other.Position, other.Number));
    }
}
