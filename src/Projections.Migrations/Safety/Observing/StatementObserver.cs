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
    /// <param name="connection">The connection.</param>
    /// <param name="frame">The file.</param>
    /// <param name="span">Which statements of it.</param>
    /// <param name="before">The catalog before them.</param>
    /// <param name="isPassedOver">Which failures of one of several are no reason to end; <c>null</c> for none.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>What the first one did; of several, that none of them did anything that a rule could judge, or which one to set apart
    /// (<see cref="ObservedStatement.LookAt"/>).</returns>
    public static async Task<ObservedStatement> InTransactionAsync(
        NpgsqlConnection connection, StatementFrame frame, StatementSpan span, CatalogSnapshot before, Func<PostgresException, bool>? isPassedOver, CancellationToken cancellationToken)
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
        var run = new SpanRun(connection, frame, span);
        try
        {
            await ListenAsync(
                connection, () => span.Count > 1 && isPassedOver is not null ? run.OneByOneAsync(isPassedOver, cancellationToken) : run.TogetherAsync(cancellationToken),
                statement, isLocal: true, messages, cancellationToken);
        }
        catch (PostgresException failure)
        {
            return seen with { Failure = failure, Messages = messages, LookAt = span.Count > 1 ? run.FailedAt : null };
        }

        var later = await SessionState.ReadAsync(connection, cancellationToken);
        seen = seen with
        {
            Taken = later.LocksSince(earlier),
            Activity = later.ActivitySince(earlier),
            Messages = messages,
            After = StatementSpan.IsOfRowsOnly(statement) ? before : await new CatalogReader(connection).ReadAsync(cancellationToken),
        };
        return span.Count == 1 ? seen : seen with { Activity = new Dictionary<uint, TableActivity>(), LookAt = FindBusy(seen, span, run), PassedOver = run.PassedOver };
    }

    // Rows that are inserted are nobody's yet; they matter while others wait for a lock.
    private static int? FindBusy(ObservedStatement seen, StatementSpan span, SpanRun run)
    {
        if (seen.Statement.StartsWith("insert") && !seen.Held.Any(pair => pair.Value >= LockMode.Share && seen.Existed(pair.Key)))
        {
            return null;
        }

        return run.FindChanging(TableActivity.BulkRows) ?? (seen.Activity.Any(pair => pair.Value.Scans > 0 && seen.Existed(pair.Key)) ? span.Middle : null);
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
        var run = ListenAsync(connection, () => new SpanRun(connection, frame, span).TogetherAsync(cancellationToken), statement, isLocal: false, messages, cancellationToken);
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

    private static async Task ListenAsync(
        NpgsqlConnection connection, Func<Task> run, SqlStatement statement, bool isLocal, List<string> messages, CancellationToken cancellationToken)
    {
        void Keep(object sender, NpgsqlNoticeEventArgs notice) => messages.Add(notice.Notice.MessageText);

        // Without cheap full scans a change shows whether an index would find its rows; in a table of fifty none is needed.
        await connection.ExecuteLongAsync(
            "SELECT set_config('client_min_messages', 'debug1', $1), set_config('enable_seqscan', $2, $1)",
            cancellationToken, isLocal, StatementSpan.IsOfRowsOnly(statement) ? "off" : "on");
        connection.Notice += Keep;
        try
        {
            await run();
        }
        finally
        {
            connection.Notice -= Keep;
        }

        await connection.ExecuteLongAsync("SELECT set_config('client_min_messages', 'warning', $1)", cancellationToken, isLocal);
    }
}
