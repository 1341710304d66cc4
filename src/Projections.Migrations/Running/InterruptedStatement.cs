using Npgsql;
using Projections.Migrations.Files;

namespace Projections.Migrations.Running;

/// <summary>Finds out, by rules, what became of a statement that ran outside a transaction when its runner died.</summary>
internal sealed class InterruptedStatement(MigrationContext context, OnInterrupted onUnclear)
{
    private static readonly TimeSpan AskAgainAfter = TimeSpan.FromMilliseconds(200);

    /// <returns>Whether the statement has finished; then its journal entry is written, too. Otherwise it may be run again.</returns>
    /// <exception cref="InterruptedStatementUnclear">Nothing tells, and nobody said what to do then.</exception>
    public async Task<bool> ResolveAsync(
        NpgsqlConnection connection, Migration migration, MigrationFile file, MigrationTarget target, TrackedMigration tracked, CancellationToken cancellationToken)
    {
        await AwaitBackendAsync(connection, migration, tracked.InFlightPid, cancellationToken);
        var index = tracked.Finished.Count;
        if (index >= file.Statements.Count || StatementDigest.Of(file.Statements[index]) != tracked.InFlight)
        {
            throw new InterruptedMigrationChanged(migration.Id, file.Path, index + 1, index + 1);
        }

        var statement = file.Statements[index];
        await StatementLimits.Of(file.FrontMatter, context.Options).ApplyToSessionAsync(connection, target.Tenant, cancellationToken);
        var isFinished = await IsFinishedAsync(connection, statement, cancellationToken)
            ?? Decide(migration, file, statement);
        if (isFinished)
        {
            await target.Tracking.MarkFinishedAsync(connection, migration, index, tracked.InFlight, cancellationToken);
        }

        return isFinished;
    }

    // A server process notices only at its next word to the client that the client is gone: the statement may still be running.
    private async Task AwaitBackendAsync(NpgsqlConnection connection, Migration migration, int? pid, CancellationToken cancellationToken)
    {
        const string isRunning = "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE pid = $1 AND datname = current_database() AND state = 'active')";
        for (var asked = false; pid is not null && pid != connection.ProcessID; asked = true)
        {
            if (!await connection.ScalarAsync<bool>(isRunning, cancellationToken, pid))
            {
                return;
            }

            if (!asked)
            {
                context.Progress.Report(new MigrationProgress.WaitingForBackend(migration, pid.Value));
            }

            await Task.Delay(AskAgainAfter, context.Time, cancellationToken);
        }
    }

    private static async Task<bool?> IsFinishedAsync(NpgsqlConnection connection, SqlStatement statement, CancellationToken cancellationToken)
    {
        if (await new ConcurrentIndex(connection, statement).IsFinishedAsync(cancellationToken) is { } index)
        {
            return index;
        }

        if (await PartitionDetach.IsFinishedAsync(connection, statement, cancellationToken) is { } detach)
        {
            return detach;
        }

        return IsRepeatable(statement) ? false : null;
    }

    /// <summary>Whether running the statement twice does the same as running it once.</summary>
    internal static bool IsRepeatable(SqlStatement statement) =>
        statement.Has("if", "not", "exists")
        || statement.Has("if", "exists")
        || Repeatable.Any(word => statement.StartsWith(word));

    private static readonly string[] Repeatable = ["vacuum", "analyze", "reindex", "cluster", "checkpoint", "set", "reset"];

    private bool Decide(Migration migration, MigrationFile file, SqlStatement statement) => onUnclear switch
    {
        OnInterrupted.Repeat => false,
        OnInterrupted.Skip => true,
        _ => throw new InterruptedStatementUnclear(migration.Id, file.Path, statement.Line, statement.Summary),
    };
}
