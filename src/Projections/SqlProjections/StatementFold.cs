using System.Runtime.InteropServices;
using Npgsql;
using Projections.Definitions;
using Projections.Events;
using Projections.Postgres;

namespace Projections.SqlProjections;

/// <summary>Collects the statements of events and runs them in batches; keeps no rows.</summary>
internal sealed class StatementFold(ProjectionVersion version, IReadOnlyDictionary<string, StatementRoute> routes, PoisonPolicy onPoison) : IVersionFold
{
    /// <summary>Statements a round trip: enough that the trip costs little, few enough that a failed batch is soon run again.</summary>
    private const int StatementsPerBatch = 200;

    /// <summary>Events whose statements wait at most: they take next to no memory, but minutes where the server is busy, and for as long neither a pause is heard nor progress seen.</summary>
    private const int MostPending = 10_000;

    private readonly PoisonHandling _poison = new(version.Id, onPoison);
    private readonly EventRoutes<StatementRoute> _routes = new(routes);
    private readonly List<PendingEvent> _pending = [];
    private long _pendingBytes;

    // What the version stops at unless a statement of an event before it fails first, which is known when they are run.
    private PoisonEvent? _stop;

    // Nothing is folded behind a stop, so there is nothing to wait for.
    public long MemoryBytes => _stop is null && _pending.Count < MostPending ? _pendingBytes + _poison.Bytes : long.MaxValue;

    public bool HasChanges => _pending.Count > 0;

    public IReadOnlyList<SetAsideEvent> SetAside => _poison.SetAside;

    public ValueTask<int> FoldAsync(ReadOnlyMemory<RecordedEvent> events, NpgsqlConnection connection, CancellationToken cancellationToken, DecodedEvents? decoded = null)
    {
        var batch = MemoryMarshal.TryGetArray(events, out var segment) ? segment : new ArraySegment<RecordedEvent>(events.ToArray());
        var handled = 0;
        for (var index = batch.Offset; index < batch.Offset + batch.Count; index++)
        {
            if (_stop is null && RouteOf(batch.Array![index]) is { } route)
            {
                handled++;
                Fold(route, batch.Array, index, decoded);
            }
        }

        return new ValueTask<int>(handled);
    }

    public async Task<long> WriteAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        long rows = 0;
        for (var start = 0; start < _pending.Count;)
        {
            var end = EndOfBatch(start);
            var outcome = await RunAsync(connection, start, end, cancellationToken);
            if (outcome.Error is null)
            {
                rows += outcome.Rows;
                start = end;
            }
            else
            {
                // Set aside, and the rest of the batch is run again; or the version stops here.
                _poison.Handle(_pending[outcome.FailedEvent].Recorded, PoisonStage.Fold, outcome.Error);
                _pending.RemoveAt(outcome.FailedEvent);
            }
        }

        _poison.SortByPosition();
        return _stop is null ? rows : throw _stop;
    }

    // Which event a failed statement belongs to is found out by running its batch alone.
    public bool TryAddTo(NpgsqlBatch batch) => false;

    public void Committed() => Forget();

    public void Forget()
    {
        _pending.Clear();
        _pendingBytes = 0;
        _stop = null;
        _poison.Clear();
    }

    public void Dispose() => Forget();

    private StatementRoute? RouteOf(in RecordedEvent recorded) =>
        version.StreamCategory is null || StreamCategory.Matches(recorded.Stream, version.StreamCategory) ? _routes.Find(recorded.Type) : null;

    private void Fold(StatementRoute route, RecordedEvent[] batch, int index, DecodedEvents? decoded)
    {
        var stage = PoisonStage.Decode;
        try
        {
            route.Decode(batch, index, decoded);
            stage = PoisonStage.Fold;
            var pending = new PendingEvent(Copy(batch[index]), route.Statements(batch, index));
            _pending.Add(pending);
            _pendingBytes += pending.Bytes;
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            Handle(batch[index], stage, error);
        }
    }

    private void Handle(in RecordedEvent recorded, PoisonStage stage, Exception error)
    {
        try
        {
            _poison.Handle(recorded, stage, error);
        }
        catch (PoisonEvent poison) when (_pending.Count > 0)
        {
            _stop = poison;
        }
    }

    /// <summary>Runs a batch. Where events are set aside, one that fails leaves the transaction as it was before the batch.</summary>
    private async Task<Outcome> RunAsync(NpgsqlConnection connection, int start, int end, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        for (var i = start; i < end; i++)
        {
            foreach (var statement in _pending[i].Statements)
            {
                batch.BatchCommands.Add(statement.ToCommand());
            }
        }

        var goesOn = onPoison == PoisonPolicy.SetAside;
        if (goesOn)
        {
            await connection.ExecuteAsync("savepoint statements", cancellationToken);
        }

        try
        {
            var rows = await batch.ExecuteNonQueryAsync(cancellationToken);
            if (goesOn)
            {
                await connection.ExecuteAsync("release savepoint statements", cancellationToken);
            }

            return new Outcome(Math.Max(0, rows), 0, null);
        }
        // Anything else, such as a deadlock or a lost connection, is no event's fault. The driver says which statement it was only where
        // the connection string has 'Include Failed Batched Command'.
        catch (PostgresException failed) when (failed.IsAboutValues && failed.BatchCommand is { } command)
        {
            if (goesOn)
            {
                await connection.ExecuteAsync("rollback to savepoint statements", cancellationToken);
            }

            return new Outcome(0, EventOf(batch.BatchCommands.IndexOf(command), start), failed);
        }
    }

    private int EndOfBatch(int start)
    {
        var end = start;
        var statements = 0;
        while (end < _pending.Count && (end == start || statements + _pending[end].Statements.Length <= StatementsPerBatch))
        {
            statements += _pending[end++].Statements.Length;
        }

        return end;
    }

    private int EventOf(int statement, int start)
    {
        var index = start;
        while (statement >= _pending[index].Statements.Length)
        {
            statement -= _pending[index++].Statements.Length;
        }

        return index;
    }

    // The batch's buffer is used again before the statements run.
    private RecordedEvent Copy(in RecordedEvent recorded) => new()
    {
        Position = recorded.Position,
        Stream = recorded.Stream,
        StreamVersion = recorded.StreamVersion,
        Type = recorded.Type,
        Data = onPoison == PoisonPolicy.SetAside ? recorded.Data.ToArray() : ReadOnlyMemory<byte>.Empty,
        Metadata = onPoison == PoisonPolicy.SetAside ? recorded.Metadata.ToArray() : ReadOnlyMemory<byte>.Empty,
        Time = recorded.Time,
        Tenant = recorded.Tenant,
    };

    /// <param name="Rows">The rows affected.</param>
    /// <param name="FailedEvent">The place of the event to blame.</param>
    /// <param name="Error">What went wrong, or <c>null</c>.</param>
    private readonly record struct Outcome(long Rows, int FailedEvent, PostgresException? Error);
}
