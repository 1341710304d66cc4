using Npgsql;
using Projections.Migrations.Files;
using Projections.Migrations.Running;
using Projections.Migrations.Tracking;

namespace Projections.Migrations.Adoption;

/// <summary>Takes changed files of applied migrations for what was applied, where somebody answers for it with a reason.</summary>
/// <param name="database">The service's database.</param>
/// <param name="options">The service.</param>
/// <param name="time">The clock; the system's when <c>null</c>.</param>
public sealed class ChecksumRepair(NpgsqlDataSource database, MigrationOptions options, TimeProvider? time = null)
{
    private readonly TimeProvider _time = time ?? TimeProvider.System;

    /// <param name="version">The migration; <c>null</c> for all whose files have changed.</param>
    /// <param name="why">The reason, for the tracking rows.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>The migrations whose checksums were put right.</returns>
    /// <exception cref="MigrationRefused">The migration's files have not changed since it was applied.</exception>
    public async Task<IReadOnlyList<Migration>> RunAsync(long? version, string why, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(why);
        var tracking = MigrationTarget.OfService(options).Tracking;
        await using var runnerLock = await RunnerLock.AcquireAsync(database, tracking, () => { }, _time, cancellationToken);
        var status = await new MigrationRunner(database, options).StatusAsync(cancellationToken);
        var changed = status.Service.Select(line => (Tracking: tracking, Line: line))
            .Concat(status.Tenants.SelectMany(tenant => tenant.Migrations.Select(line => (Tracking: MigrationTarget.OfTenant(options, tenant.Schema).Tracking, Line: line))))
            .Where(row => (row.Line.State == MigrationState.Changed || row.Line.HasOtherWayBack) && (version is null || row.Line.Version == version))
            .ToList();
        if (changed.Count == 0 && version is not null)
        {
            throw new MigrationRefused([new Refusal("not-changed", $"Migration {version} is not applied here with another file. 'projections migrate status' tells what is.")]);
        }

        foreach (var rows in changed.GroupBy(row => row.Tracking, row => row.Line))
        {
            await RepairAsync(rows.Key, rows, why, cancellationToken);
        }

        return [.. changed.Select(row => row.Line.Migration!).Distinct()];
    }

    private async Task RepairAsync(TrackingTable tracking, IEnumerable<MigrationStatus> changed, string why, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await tracking.EnsureAsync(connection, cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        foreach (var line in changed)
        {
            await tracking.RepairAsync(
                connection, line.Migration!, $"{_time.GetUtcNow():u} checksum {line.Tracked!.Checksum} repaired by {options.AppliedBy}: {why}", cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
    }
}
