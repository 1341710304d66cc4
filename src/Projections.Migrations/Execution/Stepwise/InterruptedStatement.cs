using Npgsql;
using Projections.Migrations.Files;
using Projections.Migrations.Parsing;
using Projections.Migrations.Tracking;
using Projections.Postgres;

namespace Projections.Migrations.Execution.Stepwise;

/// <summary>Finds out, by rules, what became of a statement that ran outside a transaction when its runner died.</summary>
internal sealed class InterruptedStatement(MigrationContext context, OnInterrupted onUnclear)
{
    private static readonly TimeSpan AskAgainAfter = TimeSpan.FromMilliseconds(200);

    /// <returns>Whether the statement has finished; then its journal entry is written, too. Otherwise it may be run again.</returns>
    /// <exception cref="MigrationStopped">Nothing tells, and nobody said what to do then.</exception>
    public async Task<bool> ResolveAsync(
        NpgsqlConnection connection, Migration migration, MigrationFile file, MigrationTarget target, TrackedMigration tracked, CancellationToken cancellationToken)
    {
        await AwaitBackendAsync(connection, migration, tracked.InFlightPid, cancellationToken);
        var index = tracked.Finished.Count;
        if (index >= file.Statements.Count || StatementDigest.Of(file.Statements[index]) != tracked.InFlight)
        {
            throw Changed(migration, file, statement: index + 1, finished: index + 1);
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

    /// <summary>Statements that a migration had finished when it was interrupted now read differently.</summary>
    internal static MigrationStopped Changed(Migration migration, MigrationFile file, int statement, int finished) => new(
        "interrupted-changed",
        $"{migration.Id} was interrupted after {finished} statements, and statement {statement} in {file.Path} has changed since. What is done cannot be done differently: put the statement back as it was, and change only what comes after the first {finished}.");

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
        _ => throw new MigrationStopped(
            "interrupted-unclear",
            $"{migration.Id} was interrupted while this statement ran outside a transaction ({file.Path}:{statement.Line}):{Environment.NewLine}    {statement.Summary}{Environment.NewLine}Whether it finished cannot be told from here. Look at what it should have done, then run again with '--interrupted skip' if it is done, or '--interrupted repeat' if it is not."),
    };
}
