using Npgsql;
using Projections.Migrations.Files;
using Projections.Migrations.Parsing;

namespace Projections.Migrations.Execution;

/// <summary>The frame around every piece of a migration: tried again when locks are busy, and named when it fails.</summary>
internal static class RetryExtensions
{
    /// <param name="context">Whose limits and progress.</param>
    /// <param name="migration">What runs.</param>
    /// <param name="file">Its file.</param>
    /// <param name="tenant">Where.</param>
    /// <param name="consequence">What a failure leaves behind, for the message.</param>
    /// <param name="work">The work, which says by the cursor where it is; it leaves nothing behind when it fails.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task RunWithRetryAsync(
        this MigrationContext context,
        Migration migration,
        MigrationFile file,
        string? tenant,
        string consequence,
        Func<StatementCursor, Task> work,
        CancellationToken cancellationToken)
    {
        var cursor = new StatementCursor(file.Statements.Count > 0 ? file.Statements[0] : new SqlStatement("", 1, []));
        try
        {
            await context.LockRetry.RunAsync(
                () => work(cursor),
                (attempt, pause) => context.Progress.Report(new MigrationProgress.Retrying(migration, tenant, attempt, pause)),
                cancellationToken);
        }
        catch (NpgsqlException inner)
        {
            throw new MigrationFailed(migration, file, cursor.Statement, tenant, $"{cursor.LeftBehind}{consequence}", inner);
        }
    }
}

/// <summary>Which statement is running, so that a failure can name it.</summary>
internal sealed class StatementCursor(SqlStatement first)
{
    public SqlStatement Statement { get; set; } = first;

    /// <summary>What the statement left behind when it failed, as a sentence with a space behind it; empty for nothing.</summary>
    public string LeftBehind { get; set; } = "";
}
