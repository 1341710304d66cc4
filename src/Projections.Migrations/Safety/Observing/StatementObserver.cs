using Npgsql;
using Projections.Migrations.Parsing;
using Projections.Migrations.Safety.Catalog;
using Projections.Postgres;

namespace Projections.Migrations.Safety.Observing;

/// <summary>Runs one statement and looks at what it did.</summary>
internal static class StatementObserver
{
    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromMilliseconds(1);

    /// <summary>Runs a statement in the open transaction, where what it did and holds can be seen exactly.</summary>
    public static async Task<ObservedStatement> InTransactionAsync(
        NpgsqlConnection connection, StatementFrame frame, SqlStatement statement, CatalogSnapshot before, CancellationToken cancellationToken)
    {
        var seen = frame.Begin(statement, before) with { InTransaction = true };
        if (ServerStatement.Is(statement))
        {
            return seen with { IsLeftOut = true };
        }

        var earlier = await SessionState.ReadAsync(connection, cancellationToken);
        seen = seen with { Held = earlier.Locks };
        var messages = new List<string>();
        try
        {
            await RunAsync(connection, statement, isLocal: true, messages, cancellationToken);
        }
        catch (PostgresException failure)
        {
            return seen with { Failure = failure, Messages = messages };
        }

        var later = await SessionState.ReadAsync(connection, cancellationToken);
        return seen with
        {
            Taken = later.LocksSince(earlier),
            Activity = later.ActivitySince(earlier),
            Messages = messages,
            After = IsOfRowsOnly(statement) ? before : await new CatalogReader(connection).ReadAsync(cancellationToken),
        };
    }

    // A file of thousands of them would spend its time on reading a catalog that none of them changes.
    private static bool IsOfRowsOnly(SqlStatement statement) =>
        statement.StartsWith("insert") || statement.StartsWith("update") || statement.StartsWith("delete") || statement.StartsWith("merge");

    /// <summary>Runs a statement that no transaction holds; another session looks at its locks meanwhile, as often as it can.</summary>
    public static async Task<ObservedStatement> OutsideAsync(
        NpgsqlConnection connection, NpgsqlConnection watcher, StatementFrame frame, SqlStatement statement, CatalogSnapshot before, CancellationToken cancellationToken)
    {
        var seen = frame.Begin(statement, before) with { RanOutside = true };
        if (ServerStatement.Is(statement))
        {
            return seen with { IsLeftOut = true };
        }

        var messages = new List<string>();
        var locks = new Dictionary<uint, LockMode>();
        var run = RunAsync(connection, statement, isLocal: false, messages, cancellationToken);
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
        NpgsqlConnection connection, SqlStatement statement, bool isLocal, List<string> messages, CancellationToken cancellationToken)
    {
        void Keep(object sender, NpgsqlNoticeEventArgs notice) => messages.Add(notice.Notice.MessageText);

        // Without cheap full scans a change shows whether an index would find its rows; in a table of fifty none is needed.
        await connection.ExecuteLongAsync(
            "SELECT set_config('client_min_messages', 'debug1', $1), set_config('enable_seqscan', $2, $1)",
            cancellationToken, isLocal, statement.StartsWith("update") || statement.StartsWith("delete") ? "off" : "on");
        connection.Notice += Keep;
        try
        {
            await connection.ExecuteVerbatimAsync(statement.Text, cancellationToken);
        }
        finally
        {
            connection.Notice -= Keep;
        }

        await connection.ExecuteLongAsync("SELECT set_config('client_min_messages', 'warning', $1)", cancellationToken, isLocal);
    }
}
