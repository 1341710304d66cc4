using System.Runtime.CompilerServices;
using System.Text.Json;
using Npgsql;
using Projections.Events;
using Projections.Events.Reading;
using Projections.Postgres;
using Projections.PostgresEvents.Heads;
using Projections.PostgresEvents.Layout;
using Projections.PostgresEvents.Reading;
using Projections.PostgresEvents.Standbys;

namespace Projections.PostgresEvents;

/// <summary>An event table in PostgreSQL. Positions are the numbers of the events' sequence.</summary>
public sealed class PostgresEventSource : IEventSource
{
    // Up to so many positions are counted; more are estimated.
    private const long MostCounted = 50_000;

    // Of fewer the primary knows at once which are missing.
    private const long FewestAskedOfStandby = 10_000;

    // So many pieces make a sample of as many positions in all.
    private const int SampledPieces = 100;

    private readonly NpgsqlDataSource _dataSource;
    private readonly PrimaryPlace _primary;
    private readonly StandbyHistory? _standby;
    private readonly PostgresEventSource? _history;
    private readonly EventTableLayout _layout;
    private readonly PostgresEventSourceOptions _options;
    private readonly UnprovedNumbers? _unproved;
    private readonly HeadObserver _observer;
    private readonly HeadPolling _polling;
    private readonly EventRow _row;

    private PostgresEventSource(NpgsqlDataSource dataSource, EventTableLayout layout, PostgresEventSourceOptions options)
    {
        _dataSource = dataSource;
        _primary = new PrimaryPlace(dataSource, options.RangeSize);
        _layout = layout;
        _options = options;
        _unproved = layout.Mapping.GraceTime > TimeSpan.Zero ? new UnprovedNumbers(dataSource, layout, options.Time) : null;
        _observer = new HeadObserver(dataSource, layout, _unproved, options.Time);
        _polling = new HeadPolling { BusyInterval = options.BusyInterval, IdleInterval = options.IdleInterval, Time = options.Time };
        _row = new EventRow(layout);
        Identity = layout.Mapping.Identity;
        _history = options.Standby is { } standby ? new PostgresEventSource(this, new StandbyHistory(standby, dataSource, _primary, options.Time)) : null;
    }

    /// <summary>The same source, with the same head, where history is read from a standby.</summary>
    private PostgresEventSource(PostgresEventSource source, StandbyHistory standby)
    {
        (_dataSource, _primary, _layout, _options) = (source._dataSource, source._primary, source._layout, source._options);
        (_unproved, _observer, _polling, _row) = (source._unproved, source._observer, source._polling, source._row);
        Identity = source.Identity;
        _standby = standby;
    }

    public string Identity { get; }

    public IEventSource History => _history ?? this;

    public IGivenUpNumbers? GivenUp => _unproved;

    public bool StreamsAreNamedPerTenant => _layout.StreamsHaveTenants;

    /// <summary>Looks the mapping up in the database, and opens the source. The data source stays the caller's.</summary>
    /// <exception cref="EventSourceUnavailable">The server could not be reached.</exception>
    /// <exception cref="EventSourceUnusable">The table is not there, not readable, or cannot be read correctly; the message says
    /// what to change.</exception>
    public static async Task<PostgresEventSource> OpenAsync(
        NpgsqlDataSource dataSource,
        EventTableMapping mapping,
        PostgresEventSourceOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(dataSource);
        ArgumentNullException.ThrowIfNull(mapping);
        try
        {
            await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
            var layout = await new EventTableInspection(connection, mapping).RunAsync(cancellationToken);
            return new PostgresEventSource(dataSource, layout, options ?? new PostgresEventSourceOptions());
        }
        catch (Exception exception) when (StoreErrors.IsFromStore(exception))
        {
            throw StoreErrors.Translate(exception, $"{mapping.Schema}.{mapping.Table}");
        }
    }

    public Task<SafeHead> GetSafeHeadAsync(CancellationToken cancellationToken) => _observer.LookAsync(cancellationToken);

    public IAsyncEnumerable<EventBatch> FollowAsync(EventPosition after, EventFilter filter, CancellationToken cancellationToken) =>
        _polling.FollowAsync(this, after, filter, cancellationToken);

    public async IAsyncEnumerable<EventBatch> ReadAsync(
        EventPosition after,
        EventPosition upTo,
        EventFilter filter,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var reader = new RangeReader(_layout, _row, _options, filter);
        var from = Math.Max(0, after.Major);
        if (_unproved is not null && filter.Streams is null)
        {
            await _unproved.ExamineAsync(from, upTo.Major, examine => AskForAllAsync(upTo.Major - from, examine, cancellationToken), cancellationToken);
        }

        // Behind the examination: a number that was seen there is in whatever is read.
        var place = await PlaceAsync(upTo.Major - from, cancellationToken);
        // A few streams are found by their own index, not by walking along the positions.
        var size = new RangeSize(_layout.PositionIsIndexed && filter.Streams is null ? place.RangeSize : RangeSize.Largest);
        while (from < upTo.Major)
        {
            var to = Math.Min(from + size.Positions, upTo.Major);
            await foreach (var batch in ReadRangeAsync(reader, place, size, from, to, cancellationToken))
            {
                from = batch.Through.Major;
                yield return batch;
            }
        }
    }

    public async Task<EventCount> EstimateCountAsync(EventPosition after, EventFilter filter, CancellationToken cancellationToken)
    {
        var head = await GetSafeHeadAsync(cancellationToken);
        var from = Math.Max(0, after.Major);
        var positions = head.Position.Major - from;
        if (positions <= 0)
        {
            return 0;
        }

        var upTo = head.Position.Major;
        return positions <= MostCounted ? await QueryAsync<long>($"SELECT count(*) FROM {_layout.Table} AS e WHERE {_layout.Where(from, upTo, filter)}", cancellationToken)
            : filter.Category is not null && _layout.PositionIsIndexed ? new EventCount(await SampleAsync(from, upTo, filter, cancellationToken), IsAbout: true)
            : new EventCount(Math.Min(positions, await AskPlannerAsync(from, upTo, filter, cancellationToken)), IsAbout: true);
    }

    public async Task<DateTime?> GetTimeOfNextAsync(EventPosition after, CancellationToken cancellationToken)
    {
        var head = await GetSafeHeadAsync(cancellationToken);
        var from = Math.Max(0, after.Major);
        if (head.Position.Major <= from)
        {
            return null;
        }

        var time = await QueryAsync<DateTime?>(
            $"""
            SELECT {EventTableLayout.Column(_layout.Mapping.Time)}
            FROM {_layout.Table} AS e
            WHERE {_layout.Where(from, head.Position.Major, EventFilter.All)} AND isfinite({EventTableLayout.Column(_layout.Mapping.Time)})
            ORDER BY {_layout.Position}
            LIMIT 1
            """,
            cancellationToken);
        return time is { } value ? DateTime.SpecifyKind(value, DateTimeKind.Utc) : null;
    }

    public async Task<RecordedEvent?> FindAsync(EventPosition position, CancellationToken cancellationToken)
    {
        var reader = new RangeReader(_layout, _row, _options, EventFilter.All);
        await foreach (var batch in ReadRangeAsync(reader, _primary, new RangeSize(1), position.Major - 1, position.Major, cancellationToken))
        {
            using (batch)
            {
                // What stands for others that are gone is not what was there.
                if (batch.Count > 0 && !IsStandIn(batch.Events[0].Type))
                {
                    return WithoutBody(batch.Events[0]);
                }
            }
        }

        return null;
    }

    public async Task<EventPosition?> LocateAsync(EventReference reference, CancellationToken cancellationToken)
    {
        if (reference is EventReference.AtPosition at)
        {
            return at.Position;
        }

        var found = await QueryAsync<long?>(
            $"SELECT {_layout.Position} FROM {_layout.Table} AS e WHERE {ConditionOf(reference)} LIMIT 1", cancellationToken);
        return found is { } position ? new EventPosition(position) : null;
    }

    public Task<IReadOnlyList<string>> FindObstaclesAsync(EventFilter filter, CancellationToken cancellationToken) =>
        AskAsync(connection => new Obstacles(connection, _layout, filter).FindBinaryAsync(cancellationToken), cancellationToken);

    public async Task<LostBeginnings> FindLostBeginningsAsync(EventFilter filter, CancellationToken cancellationToken)
    {
        var head = await GetSafeHeadAsync(cancellationToken);
        return await AskAsync(connection => new BeginningSearch(connection, _layout).RunAsync(head.Position.Major, filter, cancellationToken), cancellationToken);
    }

    public Task<bool> HasLostBeginningAsync(RecordedEvent one, CancellationToken cancellationToken) =>
        AskAsync(connection => new BeginningSearch(connection, _layout).IsLostAsync(one, cancellationToken), cancellationToken);

    public Task<(long Count, string? Example)> FindSilentlyArchivedAsync(EventFilter filter, CancellationToken cancellationToken) =>
        AskAsync(connection => new Obstacles(connection, _layout, filter).FindSilentlyArchivedAsync(cancellationToken), cancellationToken);

    public Task<string?> DescribeHistoryAsync(CancellationToken cancellationToken) =>
        _history is null ? Task.FromResult(_standby?.Told.Text) : _history._standby!.DescribeAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (_standby is not null)
        {
            // What it looks at the head by is not its own.
            return;
        }

        await _observer.DisposeAsync();
        _unproved?.Dispose();
    }

    private string ConditionOf(EventReference reference) => reference switch
    {
        EventReference.InStream { Tenant: null } when _layout.StreamsHaveTenants => throw new EventSourceUnusable(
            $"A stream's name is unique only within its tenant in {_layout.Table}: say whose {reference} is meant."),
        EventReference.InStream one => $"{_layout.InStreams([one.Stream])} AND {EventTableLayout.Column(_layout.Mapping.StreamVersion)} = {one.Version}"
            + (_layout.StreamsHaveTenants ? $" AND {EventTableLayout.Column(_layout.Mapping.Tenant!)} = {SqlName.Literal(one.Tenant!)}" : ""),
        EventReference.WithId one when _layout.IdIsIndexed => $"{EventTableLayout.Column(_layout.Mapping.Id!)} = '{one.Id}'",
        _ => throw new EventSourceUnusable(
            $"{_layout.Table} has no index by which an event is found by its id. Name it by its stream and version, or by its position."
            + (_layout.Mapping.Id is { } id ? $" Or run: CREATE UNIQUE INDEX CONCURRENTLY ON {_layout.Table} ({SqlName.Quote(id)});" : "")),
    };

    private bool IsStandIn(string type) => _layout.Mapping.StandIns.Any(pattern => type.StartsWith(pattern.TrimEnd('%'), StringComparison.Ordinal));

    /// <summary>The body is in the batch's buffer, and goes with it.</summary>
    private static RecordedEvent WithoutBody(in RecordedEvent e) => new()
    {
        Position = e.Position,
        Stream = e.Stream,
        StreamVersion = e.StreamVersion,
        Type = e.Type,
        Data = default,
        Time = e.Time,
        Tenant = e.Tenant,
    };

    private async ValueTask<IReadingPlace> PlaceAsync(long positions, CancellationToken cancellationToken) =>
        _standby is null ? _primary : await GuardAsync(_standby.PlaceAsync(positions, cancellationToken));

    /// <summary>Reads a range, or as much of it as the server sends before it falls silent or, where that is outlasted, breaks off.</summary>
    private async IAsyncEnumerable<EventBatch> ReadRangeAsync(
        RangeReader reader, IReadingPlace place, RangeSize size, long from, long to, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var session = await GuardAsync(place.OpenAsync(cancellationToken));
        var server = (session.Connection.Host, session.Connection.Port);
        var process = session.Connection.ProcessID;
        await using var batches = reader.ReadAsync(session, from, to, cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (await MoveNextAsync())
        {
            place.HasRead();
            yield return batches.Current;
        }

        async ValueTask<bool> MoveNextAsync()
        {
            try
            {
                if (await batches.MoveNextAsync())
                {
                    return true;
                }

                size.Read(reader.Count, reader.Waited);
            }
            catch (ServerSilent silent)
            {
                await CallOffAsync(place, server, process, cancellationToken);
                if (!size.TryShrink() && !place.Outlasts(silent))
                {
                    throw TooSilent(to - from, from, silent);
                }
            }
            catch (Exception exception) when (StoreErrors.IsFromStore(exception))
            {
                if (!place.Outlasts(exception))
                {
                    throw StoreErrors.Translate(exception, _layout.Table);
                }

                size.TryShrink();
            }

            return false;
        }
    }

    // The connection is gone, but the server would go on looking for something to send.
    private async Task CallOffAsync(IReadingPlace place, (string? Host, int Port) server, int process, CancellationToken cancellationToken)
    {
        await using var session = await GuardAsync(place.OpenAsync(cancellationToken));
        // Of several servers another one may have answered, where the number is somebody else's.
        if ((session.Connection.Host, session.Connection.Port) == server)
        {
            await using var command = new NpgsqlCommand("SELECT pg_cancel_backend($1)", session.Connection) { Parameters = { new NpgsqlParameter<int> { TypedValue = process } } };
            await GuardAsync(new ValueTask<object?>(command.ExecuteScalarAsync(cancellationToken)));
        }
    }

    private EventSourceUnavailable TooSilent(long positions, long after, ServerSilent silent)
    {
        var what = FormattableString.Invariant(
            $"The server of the event table {_layout.Table} has sent nothing for {_options.ReadPatience.TotalSeconds:0.#} s when asked for {positions} positions after {after}.");
        return new EventSourceUnavailable(
            _layout.PositionIsIndexed
                ? $"{what} Look for locks on the table (pg_locks), and at the server's disk."
                : $"{what} There is no index by position. Run: CREATE INDEX CONCURRENTLY ON {_layout.Table} ({SqlName.Quote(_layout.Mapping.Position)});",
            silent);
    }

    /// <summary>Counts in pieces spread over all positions: of a condition on a part of a name the planner knows nothing, and takes it for rare.</summary>
    private async Task<long> SampleAsync(long from, long upTo, EventFilter filter, CancellationToken cancellationToken)
    {
        var step = (upTo - from) / SampledPieces;
        var piece = MostCounted / SampledPieces;
        var counted = await QueryAsync<long>(
            $"""
            SELECT count(*)
            FROM generate_series({from}, {upTo - step}, {step}) AS piece (start)
                CROSS JOIN LATERAL (
                    SELECT FROM {_layout.Table} AS e
                    WHERE {_layout.Position} > piece.start AND {_layout.Position} <= piece.start + {piece} AND {_layout.Where(from, upTo, filter)}
                ) AS found
            """,
            cancellationToken);
        return (long)(counted * ((double)step / piece));
    }

    private async Task<long> AskPlannerAsync(long from, long to, EventFilter filter, CancellationToken cancellationToken)
    {
        // Type by type: of a list that holds nearly all events the planner thinks as of independent conditions, and is a
        // quarter too low.
        var parts = filter.Types is { Count: > 1 } types ? types.Select(type => filter with { Types = new HashSet<string> { type } }) : [filter];
        var selects = parts.Select(part => $"SELECT 1 FROM {_layout.Table} AS e WHERE {_layout.Where(from, to, part)}");
        var plan = await QueryAsync<string>($"EXPLAIN (FORMAT JSON) {string.Join(" UNION ALL ", selects)}", cancellationToken);
        using var json = JsonDocument.Parse(plan!);
        return json.RootElement[0].GetProperty("Plan").GetProperty("Plan Rows").GetInt64();
    }

    private Task<T?> QueryAsync<T>(string sql, CancellationToken cancellationToken) => AskAsync(
        async connection =>
        {
            await using var command = new NpgsqlCommand(sql, connection);
            var value = await command.ExecuteScalarAsync(cancellationToken);
            return value is null or DBNull ? default : (T)value;
        },
        cancellationToken);

    /// <summary>Asks a question: one that cannot be cut into ranges is the primary's where the standby fails at it.</summary>
    private Task<T> AskAsync<T>(Func<NpgsqlConnection, ValueTask<T>> ask, CancellationToken cancellationToken) =>
        AskAsync(_standby, standby => standby.OpenForQuestionAsync(cancellationToken), ask, cancellationToken);

    /// <summary>Asks what later readings depend on, wherever they read: all that was seen is seen there, too.</summary>
    private Task<T> AskForAllAsync<T>(long positions, Func<NpgsqlConnection, ValueTask<T>> ask, CancellationToken cancellationToken) =>
        AskAsync(positions < FewestAskedOfStandby ? null : _standby, standby => standby.OpenForAllAsync(cancellationToken), ask, cancellationToken);

    private async Task<T> AskAsync<T>(StandbyHistory? standby, Func<StandbyHistory, Task<ReadingSession>> openAsync, Func<NpgsqlConnection, ValueTask<T>> ask, CancellationToken cancellationToken)
    {
        if (standby is not null)
        {
            try
            {
                await using var session = await openAsync(standby);
                return await ask(session.Connection);
            }
            catch (Exception exception) when (exception is StandbyAway || StoreErrors.IsFromStore(exception))
            {
                standby.LeaveToPrimary(exception);
            }
        }

        await using var connection = await GuardAsync(_dataSource.OpenConnectionAsync(cancellationToken));
        return await GuardAsync(ask(connection));
    }

    private async ValueTask<T> GuardAsync<T>(ValueTask<T> call)
    {
        try
        {
            return await call;
        }
        catch (Exception exception) when (StoreErrors.IsFromStore(exception))
        {
            throw StoreErrors.Translate(exception, _layout.Table);
        }
    }
}
