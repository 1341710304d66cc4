using Npgsql;
using Projections.Migrations.Files;
using Projections.Migrations.Running;
using Projections.Migrations.Tenants;
using Projections.Migrations.Tracking;

namespace Projections.Migrations.Copies;

/// <summary>What a copy is made of: which migrations are in it, which are tried on it, and which tenant stands for all.</summary>
internal sealed record CopyPlan(
    string Server,
    string? Database,
    CopySource Source,
    IReadOnlyList<Migration> Applied,
    IReadOnlyList<Migration> Pending,
    string Tenant,
    IReadOnlyList<string> OtherTenants)
{
    private const string MadeUpTenant = "tenant_sample";

    /// <summary>What is to be known about the copy, for people.</summary>
    public IReadOnlyList<string> Notes { get; private init; } = [];

    /// <summary>The tables of the database in which runners keep what is applied and what is signed off, as they are named in SQL.</summary>
    public IReadOnlyList<string> TrackingTables { get; private init; } = [];

    /// <exception cref="ArgumentException">There is neither a database nor a server for the copy.</exception>
    /// <exception cref="MigrationRefused">The database has migrations already that are to be tried, and there is to be no copy.</exception>
    public static async Task<CopyPlan> MakeAsync(
        MigrationOptions options, CopyOptions copy, string? database, long? appliedTo, CancellationToken cancellationToken)
    {
        var migrations = await MigrationFolder.ReadAsync(options.Folder, cancellationToken);
        var server = ServerOf(copy, database);
        if (database is null)
        {
            return new CopyPlan(
                server, null, CopySource.Migrations, [.. migrations.Where(migration => migration.Version <= appliedTo)],
                [.. migrations.Where(migration => migration.Version > (appliedTo ?? long.MinValue))], MadeUpTenant, []);
        }

        await using var source = NpgsqlDataSource.Create(database);
        var status = await new MigrationRunner(source, options).StatusAsync(cancellationToken);
        var isAhead = migrations.Any(migration => migration.Version > appliedTo && !migration.IsRepeatable && !IsPending(migration, status));
        var pending = migrations.Where(migration =>
            appliedTo is { } last && (isAhead || !migration.IsRepeatable) ? migration.Version > last : IsPending(migration, status)).ToList();
        if (isAhead && copy.Source == CopySource.Transaction)
        {
            throw new MigrationRefused([new Refusal("no-copy", $"The database has migrations after {appliedTo} already, so they cannot be tried in it. Name a server for a copy by --copy-server, with --copy migrations.")]);
        }

        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        var tenants = await new TenantDirectory(options).ListAsync(connection, cancellationToken);
        return new CopyPlan(
            server, database, isAhead ? CopySource.Migrations : copy.Source, [.. migrations.Except(pending)], pending,
            tenants.Count > 0 ? tenants[0] : MadeUpTenant, [.. tenants.Skip(1)])
        {
            TrackingTables =
            [
                .. tenants.Select(tenant => MigrationTarget.OfTenant(options, tenant)).Prepend(MigrationTarget.OfService(options))
                    .SelectMany(target => target.Tracking.Tables),
            ],
            Notes = isAhead && copy.Source == CopySource.Database
                ? [$"the database has migrations after {appliedTo} already, so the copy was made by the migrations up to there (--copy migrations)"]
                : [],
        };
    }

    /// <summary>A copy that holds just these migrations, and has nothing pending.</summary>
    public static CopyPlan Of(CopyOptions copy, string? database, IReadOnlyList<Migration> applied) =>
        new(ServerOf(copy, database), database, CopySource.Migrations, applied, [], MadeUpTenant, []);

    private static string ServerOf(CopyOptions copy, string? database) => copy.Server ?? database
        ?? throw new ArgumentException("A throw-away copy needs a server: name the service's database, or a server for the copy.", nameof(copy));

    // A tenant migration is pending as long as any tenant lacks it; the copy's tenant is the first, which may have it already.
    private static bool IsPending(Migration migration, StatusReport status) =>
        (migration.EachTenant && status.Tenants.Count > 0 ? status.Tenants[0].Migrations : status.Service)
        .FirstOrDefault(line => line.Version == migration.Version) is not { Tracked: not null, State: not MigrationState.Pending };
}
