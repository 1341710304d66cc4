using System.Globalization;
using Npgsql;
using Projections.Commands;
using Projections.Postgres;
using Projections.Switching.Gates;

namespace Projections.Switching;

/// <summary>
/// One try at a switch's transaction. All that can be done while readers go on is done first; the views change last and together, so that their locks
/// are held for no longer than a commit, and a statement that reads several of the names sees all of them as before, or all as after.
/// </summary>
internal sealed class SwitchAttempt
{
    /// <summary>How long it is waited for what the server may still make of a switch whose connection broke.</summary>
    private static readonly TimeSpan LongestSettling = TimeSpan.FromSeconds(2);

    /// <summary>Mostly the lock is free within milliseconds. Where readers take longer, later attempts wait longer for it.</summary>
    private static readonly TimeSpan FirstLockTimeout = TimeSpan.FromMilliseconds(40);

    private readonly ProjectionSystem _system;
    private readonly int _attempt;
    private readonly TimeSpan _lockTimeout;
    private readonly IReadOnlyList<ReadMove> _moves;
    private readonly IReadOnlyList<ReadMove> _byName;

    /// <summary>What is being worked on, for whoever asks what was in the way.</summary>
    private ReadMove _at;

    /// <param name="system">On what.</param>
    /// <param name="seen">What the gates saw; the names are locked in this order.</param>
    /// <param name="command">What was asked for.</param>
    /// <param name="context">Who asked.</param>
    /// <param name="attempt">How many times it was tried, this one included.</param>
    public SwitchAttempt(ProjectionSystem system, IReadOnlyList<SwitchTarget> seen, SwitchingCommand command, CommandContext context, int attempt)
    {
        (_system, _attempt) = (system, attempt);
        _lockTimeout = FirstLockTimeout * attempt < command.LockTimeout ? FirstLockTimeout * attempt : command.LockTimeout;
        _moves = [.. seen.Select(target => new ReadMove(system, target, command, context, attempt))];
        _byName = [.. _moves.OrderBy(move => move.To.Projection.Value, StringComparer.Ordinal)];
        _at = _moves[0];
    }

    /// <summary>Whether the server was told to commit, and nobody heard what came of it.</summary>
    public bool IsUnsettled { get; private set; }

    /// <summary>What came of it, a result for each version, in the order of their names.</summary>
    public IReadOnlyList<SwitchResult> Results => [.. _byName.Select(move => move.Result)];

    private IEnumerable<ReadMove> Moving => _moves.Where(move => !move.IsDone);

    /// <exception cref="SwitchBlocked">A lock was not to be had in time, or the proof did not hold.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await using var connection = await _system.ReadModels.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        try
        {
            await connection.ExecuteAsync("select set_config('lock_timeout', $1, true)", cancellationToken, Milliseconds(_lockTimeout));
            await SwitchAsync(connection, cancellationToken);
        }
        catch (PostgresException exception) when (exception.IsAboutLocks)
        {
            await transaction.RollbackAsync(cancellationToken);
            throw await BlockedAsync(connection, exception, cancellationToken);
        }
    }

    private async Task SwitchAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        // Of two that switch some of the same names, one queues behind the other, and never both.
        foreach (var move in _byName)
        {
            _at = move;
            await move.LockAsync(connection, cancellationToken);
        }

        var points = new Dictionary<ReadMove, IReadOnlyList<string>>();
        foreach (var move in Moving)
        {
            _at = move;
            points[move] = await move.PrepareAsync(connection, cancellationToken);
        }

        foreach (var move in _byName)
        {
            _at = move;
            await move.RecordAsync(connection, $"switched to v{move.To.Number}{Others(move)}", cancellationToken);
        }

        var began = _system.Time.GetTimestamp();
        await CommitAsync(connection, [.. Moving.Select(move => (move, points[move]))]);
        foreach (var move in Moving)
        {
            await move.KeepWaitAsync(connection, _system.Time.GetElapsedTime(began));
        }
    }

    private string Others(ReadMove move)
    {
        var others = string.Join(", ", _byName.Where(other => other != move).Select(other => other.To));
        return others.Length > 0 ? $", together with {others}" : "";
    }

    /// <summary>
    /// Readers wait from the first of these statements to the last, so they go together: on a busy machine the way there and back takes
    /// longer than all of them. They are not called off half way: it would not be known what they did.
    /// </summary>
    private async Task CommitAsync(NpgsqlConnection connection, IReadOnlyList<(ReadMove Move, IReadOnlyList<string> Point)> points)
    {
        await using var batch = new NpgsqlBatch(connection);
        var moves = new Dictionary<NpgsqlBatchCommand, ReadMove>();
        foreach (var (move, point) in points)
        {
            foreach (var statement in batch.BatchCommands.Count == 0 ? point : [LeftToWait, .. point])
            {
                var command = new NpgsqlBatchCommand(statement);
                moves[command] = move;
                batch.BatchCommands.Add(command);
            }
        }

        if (points.Count > 1)
        {
            batch.BatchCommands.Insert(0, new NpgsqlBatchCommand("select set_config('projections.locking_since', clock_timestamp()::text, true)"));
        }

        batch.BatchCommands.Add(new NpgsqlBatchCommand("commit"));
        IsUnsettled = true;
        try
        {
            await batch.ExecuteNonQueryAsync(CancellationToken.None);
        }
        catch (PostgresException exception) when (exception.EndsStatementOnly)
        {
            // Anything worse may come after the commit.
            IsUnsettled = false;
            _at = exception.BatchCommand is NpgsqlBatchCommand failed && moves.TryGetValue(failed, out var move) ? move : _at;
            throw;
        }

        IsUnsettled = false;
    }

    /// <summary>Readers of the first name wait while the next one's lock is waited for: all of them together get the time that one has.</summary>
    private string LeftToWait => string.Create(
        CultureInfo.InvariantCulture,
        $"""
        select set_config('lock_timeout', greatest(1, {_lockTimeout.TotalMilliseconds:0}
            - (extract(epoch from clock_timestamp() - current_setting('projections.locking_since')::timestamptz) * 1000)::int) || 'ms', true)
        """);

    /// <summary>Finds out what became of a switch whose connection broke. Waits for what the server still works on.</summary>
    public async Task<bool> HasHappenedAsync(CancellationToken cancellationToken)
    {
        await using var connection = await _system.ReadModels.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await connection.ExecuteAsync("select set_config('lock_timeout', $1, true)", cancellationToken, Milliseconds(LongestSettling));
        return await Moving.First().HasHappenedAsync(connection, cancellationToken);
    }

    private async Task<SwitchBlocked> BlockedAsync(NpgsqlConnection connection, PostgresException exception, CancellationToken cancellationToken)
    {
        var sessions = _at.Before is { } name ? await BlockingSession.HoldingAsync(connection, name.Oid, cancellationToken) : [];
        var who = sessions.Count == 0 ? "a session that has ended since" : string.Join(", ", sessions);
        return new SwitchBlocked(
            new GateFailure(
                SwitchBlocked.Gate,
                $"the lock on '{_at.To.Projection}' was not to be had within {_lockTimeout.TotalMilliseconds:0} ms ({_attempt} attempts); it is held by {who}.",
                "Let the transaction end, or end it with pg_terminate_backend; then switch again."),
            _at.To,
            exception);
    }

    private static string Milliseconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0}ms");
}
