using Projections.Migrations.Files;
using Projections.Migrations.Parsing;
using Projections.Postgres;

namespace Projections.Migrations.Execution;

/// <summary>A statement of a migration failed. What was done before it, in this run, stays done.</summary>
public sealed class MigrationFailed : Exception
{
    public MigrationFailed(Migration migration, MigrationFile file, SqlStatement statement, string? tenant, string consequence, Exception inner)
        : base(Describe(migration, file, statement, tenant, consequence, inner), inner)
    {
        Migration = migration;
        File = file;
        Statement = statement;
        Tenant = tenant;
    }

    public Migration Migration { get; }

    public MigrationFile File { get; }

    public SqlStatement Statement { get; }

    /// <summary>The tenant in whose schema it failed; <c>null</c> outside tenants.</summary>
    public string? Tenant { get; }

    private static string Describe(
        Migration migration, MigrationFile file, SqlStatement statement, string? tenant, string consequence, Exception inner)
    {
        var where = tenant is null ? "" : $" in {tenant}";
        return $"{migration.Id} failed{where} at {file.Path}:{statement.Line}: {Reason(inner)}{Environment.NewLine}    {statement.Summary}{Environment.NewLine}{consequence}";
    }

    private static string Reason(Exception inner) => inner is Npgsql.PostgresException refused
        ? $"{refused.MessageText} ({refused.SqlState}){(refused.Detail is null ? "" : $" {refused.Detail}")}{(refused.Hint is null ? "" : $" Hint: {refused.Hint}")}{Advice(refused)}"
        : inner.Message;

    private static string Advice(Npgsql.PostgresException refused) => refused.SqlState switch
    {
        Npgsql.PostgresErrorCodes.ActiveSqlTransaction =>
            " This statement cannot run in a transaction: put '-- transaction: none' at the top of the file.",
        Npgsql.PostgresErrorCodes.LockNotAvailable =>
            " Somebody held the lock through all tries: see pg_stat_activity for a long transaction, or run it at a quieter time.",
        Npgsql.PostgresErrorCodes.QueryCanceled =>
            " If it ran into its time limit, raise '-- statement-timeout' in the file, or do the work in smaller steps.",
        _ when refused.IsAboutExisting =>
            " If the database had it before it was migrated from here, 'projections migrate baseline' takes it over.",
        _ => "",
    };
}
