using Npgsql;
using Projections.Migrations.Files;
using Projections.Migrations.Parsing;
using Projections.Postgres;

namespace Projections.Migrations.Copies;

/// <summary>Fills a throw-away database with a schema, production's settings, and rows.</summary>
internal sealed class SchemaCopyBuilder(NpgsqlDataSource target, CopyPlan plan, CopyOptions copy)
{
    // What a server may set differently and a statement may depend on: timestamp to timestamptz rewrites only outside UTC.
    private static readonly string[] Settings =
        ["TimeZone", "DateStyle", "IntervalStyle", "search_path", "default_table_access_method", "bytea_output", "xmlbinary"];

    public async Task BuildAsync(SchemaCopy result, CancellationToken cancellationToken)
    {
        if (plan.Database is { } database)
        {
            await CopySettingsAsync(database, cancellationToken);
        }

        await CopySchemaAsync(result, cancellationToken);
        await using var connection = await target.OpenConnectionAsync(cancellationToken);
        await EnsureTenantAsync(connection, cancellationToken);
        if (copy.SampleFile is { } sample)
        {
            await RunAllAsync(connection, StatementSplitter.Split(await File.ReadAllTextAsync(sample, cancellationToken)), cancellationToken);
        }
    }

    private async Task CopySettingsAsync(string database, CancellationToken cancellationToken)
    {
        await using var source = NpgsqlDataSource.Create(database);
        await using var reading = await source.OpenConnectionAsync(cancellationToken);
        await using var writing = await target.OpenConnectionAsync(cancellationToken);
        foreach (var setting in await reading.QueryAsync(
            """
            SELECT format('ALTER DATABASE %I SET %I = %s', $2, name, CASE WHEN name = 'search_path' THEN reset_val ELSE quote_literal(reset_val) END)
              FROM pg_settings WHERE name = ANY ($1)
            """,
            row => row.GetString(0), cancellationToken, Settings, writing.Database))
        {
            await writing.ExecuteLongAsync(setting, cancellationToken);
        }
    }

    private async Task CopySchemaAsync(SchemaCopy result, CancellationToken cancellationToken)
    {
        await using var connection = await target.OpenConnectionAsync(cancellationToken);
        if (plan.Database is { } database && copy.Source == CopySource.Database)
        {
            var statements = await SchemaDumpProgram.ReadAsync(copy.PgDump, database, plan.OtherTenants, cancellationToken);
            await RunAllAsync(connection, statements, cancellationToken);
            return;
        }

        await EnsureTenantAsync(connection, cancellationToken);
        foreach (var migration in plan.Applied)
        {
            await result.RunAsync(migration, Direction.Up, cancellationToken);
        }
    }

    private async Task EnsureTenantAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        if (plan.Applied.Concat(plan.Pending).Any(migration => migration.EachTenant))
        {
            await connection.ExecuteLongAsync($"CREATE SCHEMA IF NOT EXISTS {SqlName.Quote(plan.Tenant)}", cancellationToken);
        }
    }

    // Roles belong to the server, not to the database: on another server some may be missing, and so may what is granted to them.
    private static async Task RunAllAsync(NpgsqlConnection connection, IEnumerable<SqlStatement> statements, CancellationToken cancellationToken)
    {
        foreach (var statement in statements)
        {
            try
            {
                await connection.ExecuteVerbatimAsync(statement.Text, cancellationToken);
            }
            catch (PostgresException refused) when (
                refused.SqlState == PostgresErrorCodes.UndefinedObject && (statement.StartsWith("grant") || statement.StartsWith("alter", "default", "privileges"))
                || refused.SqlState == PostgresErrorCodes.DuplicateSchema)
            {
            }
        }
    }
}
