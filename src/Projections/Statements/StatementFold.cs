using System.Runtime.InteropServices;
using Npgsql;
using Projections.Definitions;
using Projections.Events;

namespace Projections.Statements;

/// <summary>Collects the statements of events and runs them in batches; keeps no rows.</summary>
internal sealed class StatementFold(ProjectionVersion version, IReadOnlyDictionary<string, StatementRoute> routes) : IVersionFold
{
    /// <summary>Statements a round trip: enough that the trip costs little, few enough that a failed batch is soon run again.</summary>
    private const int StatementsPerBatch = 200;

    private readonly PoisonHandling _poison = new(version.Id, version.OnPoison);
    private readonly EventRoutes<StatementRoute> _routes = new(routes);
    private readonly List<PendingEvent> _pending = [];
    private long _pendingBytes;

    public long MemoryBytes => _pendingBytes + _poison.Bytes;

    public bool HasChanges => _pending.Count > 0;

    public IReadOnlyList<SetAsideEvent> SetAside => _poison.SetAside;

    public ValueTask<int> FoldAsync(ReadOnlyMemory<RecordedEvent> events, NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var batch = MemoryMarshal.TryGetArray(events, out var segment) ? segment : new ArraySegment<RecordedEvent>(events.ToArray());
        var handled = 0;
        for (var index = batch.Offset; index < batch.Offset + batch.Count; index++)
        {
            if (RouteOf(batch.Array![index]) is { } route)
            {
                handled++;
                Fold(route, batch.Array, index);
            }
        }

        return new ValueTask<int>(handled);
    }

    public async Task<long> WriteAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        long rows = 0;
        var setAsideBefore = _poison.SetAside.Count;
        for (var start = 0; start < _pending.Count;)
        {
            var end = EndOfBatch(start);
            if (version.OnPoison == PoisonPolicy.Stop)
            {
                rows += await RunAsync(connection, start, end, cancellationToken);
                start = end;
            }
            else if (await TryRunAsync(connection, start, end, cancellationToken) is { } affected)
            {
                rows += affected;
                start = end;
            }
        }

        if (_poison.SetAside.Count > setAsideBefore)
        {
            _poison.SortByPosition(0);
        }

        return rows;
    }

    public void Committed() => Forget();

    public void Forget()
    {
        _pending.Clear();
        _pendingBytes = 0;
        _poison.Clear();
    }

    public void Dispose() => Forget();

    private StatementRoute? RouteOf(in RecordedEvent recorded) =>
        version.StreamCategory is null || StreamCategory.Matches(recorded.Stream, version.StreamCategory) ? _routes.Find(recorded.Type) : null;

    private void Fold(StatementRoute route, RecordedEvent[] batch, int index)
    {
        var stage = PoisonStage.Decode;
        try
        {
            route.Decode(batch[index]);
            stage = PoisonStage.Fold;
            var pending = new PendingEvent(Copy(batch[index]), route.Commands(batch, index));
            _pending.Add(pending);
            _pendingBytes += pending.Bytes;
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            _poison.Handle(batch[index], stage, error);
        }
    }

    /// <summary>Runs a batch so that one that fails leaves the transaction usable, and sets aside the event that failed.</summary>
    /// <returns>The rows affected, or <c>null</c> when an event was set aside and the rest is to be run again.</returns>
    private async Task<long?> TryRunAsync(NpgsqlConnection connection, int start, int end, CancellationToken cancellationToken)
    {
        await ExecuteAsync(connection, "savepoint statements", cancellationToken);
        try
        {
            var rows = await RunAsync(connection, start, end, cancellationToken);
            await ExecuteAsync(connection, "release savepoint statements", cancellationToken);
            return rows;
        }
        catch (PostgresException failed) when (PendingOf(failed, start, end) is { } index)
        {
            await ExecuteAsync(connection, "rollback to savepoint statements", cancellationToken);
            _poison.Handle(_pending[index].Recorded, PoisonStage.Fold, failed);
            _pending.RemoveAt(index);
            return null;
        }
    }

    /// <exception cref="PoisonEvent">A statement failed by what its event brought, and the version stops then.</exception>
    private async Task<long> RunAsync(NpgsqlConnection connection, int start, int end, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        for (var i = start; i < end; i++)
        {
            foreach (var command in _pending[i].Commands)
            {
                batch.BatchCommands.Add(command);
            }
        }

        try
        {
            return Math.Max(0, await batch.ExecuteNonQueryAsync(cancellationToken));
        }
        catch (PostgresException failed) when (version.OnPoison == PoisonPolicy.Stop && PendingOf(failed, start, end) is { } index)
        {
            _poison.Handle(_pending[index].Recorded, PoisonStage.Fold, failed);
            throw;
        }
    }

    private int EndOfBatch(int start)
    {
        var end = start;
        var statements = 0;
        while (end < _pending.Count && (end == start || statements + _pending[end].Commands.Length <= StatementsPerBatch))
        {
            statements += _pending[end++].Commands.Length;
        }

        return end;
    }

    /// <summary>The event whose statement failed by its values: bad data, a broken constraint, an error raised on purpose.
    /// Anything else, such as a deadlock or a lost connection, is nobody's fault and may pass.</summary>
    private int? PendingOf(PostgresException failed, int start, int end)
    {
        if (failed.BatchCommand is not { } command || (failed.SqlState[..2] is not ("22" or "23") && failed.SqlState != PostgresErrorCodes.RaiseException))
        {
            return null;
        }

        var index = _pending.FindIndex(start, end - start, pending => Array.IndexOf(pending.Commands, command) >= 0);
        return index < 0 ? null : index;
    }

    // The batch's buffer is used again before the statements run.
    private RecordedEvent Copy(in RecordedEvent recorded) => new()
    {
        Position = recorded.Position,
        Stream = recorded.Stream,
        StreamVersion = recorded.StreamVersion,
        Type = recorded.Type,
        Data = version.OnPoison == PoisonPolicy.SetAside ? recorded.Data.ToArray() : ReadOnlyMemory<byte>.Empty,
        Metadata = version.OnPoison == PoisonPolicy.SetAside ? recorded.Metadata.ToArray() : ReadOnlyMemory<byte>.Empty,
        Time = recorded.Time,
        Tenant = recorded.Tenant,
    };

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
