using Npgsql;
using Projections.Migrations.Parsing;
using Projections.Migrations.Safety.Catalog;
using Projections.Postgres;

namespace Projections.Migrations.Safety.Observing;

/// <summary>Runs one statement and looks at what it did.</summary>
internal static class StatementObserver
{
    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromMilliseconds(1);

    /// <summary>Runs statements in the open transaction, where what they did and hold can be seen exactly.</summary>
    /// <returns>What the first one did; of several, that none of them did anything that a rule could judge, or which one to set apart
    /// (<see cref="ObservedStatement.LookAt"/>).</returns>
    public static async Task<ObservedStatement> InTransactionAsync(
        NpgsqlConnection connection, StatementFrame frame, StatementSpan span, CatalogSnapshot before, CancellationToken cancellationToken)
    {
        var statement = frame.File.Statements[span.First];
        var seen = frame.Begin(statement, before) with { InTransaction = true };
        if (ServerStatement.Is(statement))
        {
            return seen with { IsLeftOut = true };
        }

        var earlier = await SessionState.ReadAsync(connection, cancellationToken);
        seen = seen with { Held = earlier.Locks };
        var messages = new List<string>();
        await using var batch = BatchOf(connection, frame, span);
        try
        {
            await RunAsync(batch, statement, isLocal: true, messages, cancellationToken);
        }
        catch (PostgresException failure)
        {
            return seen with { Failure = failure, Messages = messages, LookAt = span.Count > 1 ? FindFailed(failure, span, batch) : null };
        }

        var later = await SessionState.ReadAsync(connection, cancellationToken);
        seen = seen with
        {
            Taken = later.LocksSince(earlier),
            Activity = later.ActivitySince(earlier),
            Messages = messages,
            After = StatementSpan.IsOfRowsOnly(statement) ? before : await new CatalogReader(connection).ReadAsync(cancellationToken),
        };
        return span.Count == 1 ? seen : seen with { Activity = new Dictionary<uint, TableActivity>(), LookAt = FindBusy(seen, span, batch) };
    }

    // The driver says which one it was only where the connection string asks for that.
    private static int FindFailed(PostgresException failure, StatementSpan span, NpgsqlBatch batch) =>
        failure.BatchCommand is NpgsqlBatchCommand failed ? span.First + batch.BatchCommands.IndexOf(failed) : span.Middle;

    // Rows that are inserted are nobody's yet; they matter while others wait for a lock.
    private static int? FindBusy(ObservedStatement seen, StatementSpan span, NpgsqlBatch batch)
    {
        if (seen.Statement.StartsWith("insert") && !seen.Held.Any(pair => pair.Value >= LockMode.Share && seen.Existed(pair.Key)))
        {
            return null;
        }

        for (var i = 0; i < span.Count; i++)
        {
            if (batch.BatchCommands[i].RecordsAffected >= TableActivity.BulkRows)
            {
                return span.First + i;
            }
        }

        return seen.Activity.Any(pair => pair.Value.Scans > 0 && seen.Existed(pair.Key)) ? span.Middle : null;
    }

    private static NpgsqlBatch BatchOf(NpgsqlConnection connection, StatementFrame frame, StatementSpan span)
    {
        var batch = new NpgsqlBatch(connection) { Timeout = 0 };
        for (var i = 0; i < span.Count; i++)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(frame.File.Statements[span.First + i].Text));
        }

        return batch;
    }

    /// <summary>Runs a statement that no transaction holds; another session looks at its locks meanwhile, as often as it can.</summary>
    public static async Task<ObservedStatement> OutsideAsync(
        NpgsqlConnection connection, NpgsqlConnection watcher, StatementFrame frame, StatementSpan span, CatalogSnapshot before, CancellationToken cancellationToken)
    {
        var statement = frame.File.Statements[span.First];
        var seen = frame.Begin(statement, before) with { RanOutside = true };
        if (ServerStatement.Is(statement))
        {
            return seen with { IsLeftOut = true };
        }

        var messages = new List<string>();
        var locks = new Dictionary<uint, LockMode>();
        await using var batch = BatchOf(connection, frame, span);
        var run = RunAsync(batch, statement, isLocal: false, messages, cancellationToken);
        while (!run.IsCompleted)
        {
            foreach (var (relation, mode) in await SessionState.ReadLocksAsync(watcher, connection.ProcessID, cancellationToken))
            {
                locks[relation] = (LockMode)Math.Max((int)locks.GetValueOrDefault(relation), (int)mode);
            }

            await Task.WhenAny(run, Task.Delay(LookAgainAfter, cancellationToken));
        }

        try
        {
            await run;
        }
        catch (PostgresException failure)
        {
            return seen with { Failure = failure, Messages = messages };
        }

        return seen with { Taken = locks, Messages = messages, After = await new CatalogReader(connection).ReadAsync(cancellationToken) };
    }

    private static async Task RunAsync(
        NpgsqlBatch batch, SqlStatement statement, bool isLocal, List<string> messages, CancellationToken cancellationToken)
    {
        void Keep(object sender, NpgsqlNoticeEventArgs notice) => messages.Add(notice.Notice.MessageText);

        // Without cheap full scans a change shows whether an index would find its rows; in a table of fifty none is needed.
        var connection = batch.Connection!;
        await connection.ExecuteLongAsync(
            "SELECT set_config('client_min_messages', 'debug1', $1), set_config('enable_seqscan', $2, $1)",
            cancellationToken, isLocal, StatementSpan.IsOfRowsOnly(statement) ? "off" : "on");
        connection.Notice += Keep;
        try
        {
            await batch.ExecuteNonQueryAsync(cancellationToken);
        }
        finally
        {
            connection.Notice -= Keep;
        }

        await connection.ExecuteLongAsync("SELECT set_config('client_min_messages', 'warning', $1)", cancellationToken, isLocal);
    }
}
