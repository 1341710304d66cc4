using Npgsql;
using Projections.Migrations.Execution;
using Projections.Migrations.Files;
using Projections.Migrations.Tenants;
using Projections.Migrations.Tracking;

namespace Projections.Migrations.Running;

/// <summary>
/// Applies a service's migrations and takes them back. One runner at a time works on a service in a database; others wait, and then
/// find nothing left to do.
/// </summary>
/// <param name="database">The service's database.</param>
/// <param name="options">What to run, and how.</param>
/// <param name="time">The clock; the system's when <c>null</c>.</param>
/// <param name="progress">Who watches; nobody when <c>null</c>.</param>
public sealed class MigrationRunner(
    NpgsqlDataSource database, MigrationOptions options, TimeProvider? time = null, IProgress<MigrationProgress>? progress = null)
{
    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private readonly IProgress<MigrationProgress> _progress = progress ?? new NullProgress();

    /// <summary>Applies what is pending.</summary>
    /// <exception cref="MigrationFilesInvalid">The files cannot be used.</exception>
    /// <exception cref="MigrationRefused">Files and database do not fit together.</exception>
    public Task<MigrationReport> UpAsync(UpRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return RunAsync(
            Direction.Up, request.DryRun, request.OnInterrupted, request.SafetySkipped, request.To,
            statuses => MigrationPlan.Up(statuses, request.To, options.AllowOutOfOrder),
            cancellationToken);
    }

    /// <summary>Takes applied migrations back, newest first.</summary>
    /// <exception cref="MigrationFilesInvalid">The files cannot be used.</exception>
    /// <exception cref="MigrationRefused">Files and database do not fit together, or there is no way back.</exception>
    public async Task<MigrationReport> DownAsync(DownRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var to = request.To ?? await FindStepsBackAsync(request.Steps, cancellationToken);
        return await RunAsync(
            Direction.Down, request.DryRun, request.OnInterrupted, null, request.To,
            statuses => MigrationPlan.Down(statuses, to),
            cancellationToken);
    }

    /// <summary>Takes the newest migration back and applies it again.</summary>
    public async Task<MigrationReport> RedoAsync(CancellationToken cancellationToken)
    {
        var down = await DownAsync(new DownRequest(), cancellationToken);
        if (!down.Succeeded || down.Done.Count == 0)
        {
            return down;
        }

        var up = await UpAsync(new UpRequest { To = down.Done.Max(outcome => outcome.Migration.Version) }, cancellationToken);
        return up with { Planned = [.. down.Planned, .. up.Planned], Done = [.. down.Done, .. up.Done] };
    }

    /// <summary>Says where the database, and each tenant, is. Changes nothing and waits for nobody.</summary>
    public async Task<StatusReport> StatusAsync(CancellationToken cancellationToken)
    {
        var migrations = await MigrationFolder.ReadAsync(options.Folder, cancellationToken);
        return await ReadStatusAsync(migrations, cancellationToken);
    }

    private async Task<MigrationReport> RunAsync(
        Direction direction,
        bool isDryRun,
        OnInterrupted onInterrupted,
        string? safetySkipped,
        long? to,
        Func<IReadOnlyList<MigrationStatus>, IReadOnlyList<MigrationStatus>> plan,
        CancellationToken cancellationToken)
    {
        var migrations = await MigrationFolder.ReadAsync(options.Folder, cancellationToken);
        var target = MigrationTarget.OfService(options);
        await using var runnerLock = isDryRun
            ? null
            : await RunnerLock.AcquireAsync(
                database, target.Tracking, () => _progress.Report(new MigrationProgress.WaitingForRunner()), _time, cancellationToken);

        var status = await ReadStatusAsync(migrations, cancellationToken);
        EnsureKnown(migrations, to);
        var service = plan(status.Service);
        var tenants = status.Tenants
            .Select(tenant => TenantPlan.Make(tenant.Schema, () => plan(tenant.Migrations)))
            .ToList();
        var context = new MigrationContext(database, options, new RunIdentity(options.AppliedBy, safetySkipped), _time, _progress);
        var run = new ServiceRun(context, onInterrupted, migrations, service, tenants, runnerLock);
        return isDryRun ? run.Report() : await run.RunAsync(target, direction, cancellationToken);
    }

    private static void EnsureKnown(IReadOnlyList<Migration> migrations, long? to)
    {
        if (to is not (null or 0) && migrations.All(migration => migration.Version != to))
        {
            throw new MigrationRefused([new Refusal("unknown-version", $"There is no migration {to}. 'projections migrate status' lists them.")]);
        }
    }

    private async Task<StatusReport> ReadStatusAsync(IReadOnlyList<Migration> migrations, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        var tracking = MigrationTarget.OfService(options).Tracking;
        IReadOnlyList<TrackedMigration> rows = await tracking.ExistsAsync(connection, cancellationToken)
            ? await tracking.ReadAsync(connection, cancellationToken)
            : [];
        var service = MigrationStatus.Compare(migrations.Where(migration => !migration.EachTenant), rows);

        var forTenants = migrations.Where(migration => migration.EachTenant).ToList();
        if (forTenants.Count == 0)
        {
            return new StatusReport(service, []);
        }

        var directory = new TenantDirectory(options);
        var schemas = await directory.ListAsync(connection, cancellationToken);
        var tenantRows = await directory.ReadAsync(connection, schemas, cancellationToken);
        return new StatusReport(
            service,
            [.. schemas.Select(schema => new TenantStatus(
                schema,
                MigrationStatus.Compare(forTenants, tenantRows.GetValueOrDefault(schema) ?? [])))]);
    }

    // Steps are counted over the service and its tenants together: "one step" is the newest number that is applied anywhere.
    private async Task<long> FindStepsBackAsync(int steps, CancellationToken cancellationToken)
    {
        var status = await StatusAsync(cancellationToken);
        var applied = status.Service.Concat(status.Tenants.SelectMany(tenant => tenant.Migrations))
            .Where(migration => migration is { Tracked: not null, IsRepeatable: false })
            .Select(migration => migration.Version)
            .Distinct()
            .OrderDescending()
            .ToList();
        return steps < applied.Count ? applied[steps] : 0;
    }
}
