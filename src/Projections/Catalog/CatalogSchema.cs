using System.Globalization;
using System.Reflection;
using Npgsql;
using Projections.Postgres;

namespace Projections.Catalog;

/// <summary>
/// Creates the schema <c>projections</c> and brings it to the form that this code knows. The steps are the numbered files
/// of <c>Catalog/Schema</c>; each runs once, all in one transaction, under an advisory lock.
/// </summary>
internal static class CatalogSchema
{
    public const string Name = "projections";

    /// <summary>Any number will do as long as nothing else in the database uses it; this one spells "proj".</summary>
    private const long InstallationLock = 0x70726F6A;

    private const string Prefix = "Projections.Catalog.Schema.";

    /// <exception cref="CatalogTooNew">A newer release has upgraded the schema.</exception>
    public static async Task InstallAsync(NpgsqlDataSource readModels, CancellationToken cancellationToken)
    {
        await using var connection = await readModels.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await connection.ExecuteAsync("select pg_advisory_xact_lock($1)", cancellationToken, InstallationLock);
        await PrepareAsync(connection, cancellationToken);
        var installed = await connection.ScalarAsync<int>("select coalesce(max(step), 0) from projections.schema_step", cancellationToken);
        var steps = ReadSteps();
        if (installed > steps.Count)
        {
            throw new CatalogTooNew(installed, steps.Count);
        }

        for (var step = installed; step < steps.Count; step++)
        {
            await connection.ExecuteAsync("set local search_path = projections", cancellationToken);
            await connection.ExecuteAsync(steps[step], cancellationToken);
            await connection.ExecuteAsync("insert into projections.schema_step (step) values ($1)", cancellationToken, step + 1);
        }

        await transaction.CommitAsync(cancellationToken);
    }

    private static async Task PrepareAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        // CREATE ... IF NOT EXISTS asks for rights on the database even when there is nothing to create.
        if (await connection.ScalarAsync<bool>("select to_regclass('projections.schema_step') is not null", cancellationToken))
        {
            return;
        }

        await connection.ExecuteAsync(
            """
            create schema if not exists projections;
            create table projections.schema_step (
                step         int         primary key,
                installed_at timestamptz not null default clock_timestamp()
            )
            """,
            cancellationToken);
    }

    private static List<string> ReadSteps()
    {
        var assembly = Assembly.GetExecutingAssembly();
        return [.. assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(name =>
            {
                using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
                return reader.ReadToEnd();
            })];
    }
}

/// <summary>The catalog was upgraded by a newer release than this one.</summary>
internal sealed class CatalogTooNew(int found, int known)
    : Exception(string.Create(
        CultureInfo.InvariantCulture,
        $"The schema 'projections' is at step {found}, and this release knows only {known}. Run the newer release that upgraded it; nothing was changed."));
