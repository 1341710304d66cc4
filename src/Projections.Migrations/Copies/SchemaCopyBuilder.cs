using Npgsql;
using Projections.Migrations.Execution;
using Projections.Migrations.Files;
using Projections.Migrations.Parsing;
using Projections.Migrations.Schemas;
using Projections.Postgres;

namespace Projections.Migrations.Copies;

/// <summary>Fills a throw-away database with a schema, production's settings, and rows.</summary>
internal sealed class SchemaCopyBuilder(NpgsqlDataSource target, CopyPlan plan, CopyOptions copy)
{
    // Enough to see what kind of difference it is.
    private const int Shown = 10;

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
        if (plan is not { Database: { } database, Source: CopySource.Database })
        {
            await ReplayAsync(result, cancellationToken);
            return;
        }

        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(database) { Pooling = false }.ConnectionString);
        await using var there = await source.OpenConnectionAsync(cancellationToken);
        if (await SchemaDumpProgram.WhyNotAsync(copy.PgDump, there.PostgreSqlVersion, cancellationToken) is { } reason)
        {
            await ReplayProvenAsync(result, there, reason, cancellationToken);
            return;
        }

        await using var connection = await target.OpenConnectionAsync(cancellationToken);
        await RunAllAsync(connection, await SchemaDumpProgram.ReadAsync(copy.PgDump, database, SchemaDumpProgram.WithoutSchemas(plan.OtherTenants), cancellationToken), cancellationToken);
    }

    private async Task ReplayAsync(SchemaCopy result, CancellationToken cancellationToken)
    {
        await using (var connection = await target.OpenConnectionAsync(cancellationToken))
        {
            await EnsureTenantAsync(connection, cancellationToken);
        }

        foreach (var migration in plan.Applied)
        {
            await result.RunAsync(migration, Direction.Up, cancellationToken);
        }
    }

    // Without a dump the migrations make the copy, and it counts only if that is what the database has.
    private async Task ReplayProvenAsync(SchemaCopy result, NpgsqlConnection there, string reason, CancellationToken cancellationToken)
    {
        IReadOnlyList<SchemaDifference> differences;
        try
        {
            await ReplayAsync(result, cancellationToken);
            await using var made = await target.OpenConnectionAsync(cancellationToken);
            var schemas = (await SchemaDump.ReadSchemasAsync(there, cancellationToken)).Union(await SchemaDump.ReadSchemasAsync(made, cancellationToken)).Except(plan.OtherTenants);
            differences = await SchemaComparison.RunAsync(made, there, [.. schemas], plan.TrackingTables, cancellationToken);
        }
        catch (MigrationFailed failed)
        {
            throw new MigrationStopped("copy-failed", $"{Without(reason)} and the migrations that are applied do not run on an empty database: {failed.Message}{Environment.NewLine}{NewerDump(there)}", failed);
        }

        if (differences.Count > 0)
        {
            var shown = differences.Take(Shown).Select(difference => $"    {difference}").Concat(differences.Count > Shown ? [$"    and {differences.Count - Shown} more"] : []);
            throw new MigrationStopped(
                "copy-failed",
                $"{Without(reason)} and the migrations that are applied do not make what the database has (+ the database has it, - the migrations make it):{Environment.NewLine}{string.Join(Environment.NewLine, shown)}{Environment.NewLine}{NewerDump(there)} To go on with what the migrations make, say --copy migrations.");
        }

        result.Note($"{reason}: the copy was made by the migrations that are applied, and is the same as the database");
    }

    private static string Without(string reason) => $"The schema could not be copied: {reason},";

    private static string NewerDump(NpgsqlConnection there) => $"Name a pg_dump of version {there.PostgreSqlVersion.Major} or newer by --pg-dump.";

    private async Task EnsureTenantAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        if (plan.Applied.Concat(plan.Pending).Any(migration => migration.EachTenant))
        {
            await connection.ExecuteLongAsync($"CREATE SCHEMA IF NOT EXISTS {SqlName.Quote(plan.Tenant)}", cancellationToken);
        }
    }

    // Roles belong to the server, not to the database: on another server some may be missing, and so may what is granted to them, or is theirs.
    private static async Task RunAllAsync(NpgsqlConnection connection, IEnumerable<SqlStatement> statements, CancellationToken cancellationToken)
    {
        foreach (var statement in statements)
        {
            try
            {
                await connection.ExecuteVerbatimAsync(statement.Text, cancellationToken);
            }
            catch (PostgresException refused) when (MayFail(statement, refused))
            {
            }
        }
    }

    /// <summary>Whether a statement that makes a schema may be left out where it fails.</summary>
    internal static bool MayFail(SqlStatement statement, PostgresException refused) =>
        (refused.SqlState == PostgresErrorCodes.UndefinedObject && (statement.StartsWith("grant") || statement.StartsWith("alter", "default", "privileges")))
        || (IsOwner(statement) && (refused.SqlState == PostgresErrorCodes.UndefinedObject || refused.IsAboutRights))
        || refused.SqlState == PostgresErrorCodes.DuplicateSchema;

    /// <summary>Whether a statement of a dump says whose something is; whoever may not say so owns it on the copy.</summary>
    internal static bool IsOwner(SqlStatement statement) => statement.StartsWith("alter") && statement.IndexOf("owner", "to") == statement.Tokens.Count - 3;
}
