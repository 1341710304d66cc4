using Npgsql;
using Projections.Migrations.Files;
using Projections.Migrations.Running;
using Projections.Migrations.Tracking;

namespace Projections.Migrations.Safety;

/// <summary>Applies what is pending, but only what is signed off, or what the safety check has nothing against.</summary>
/// <param name="runner">The runner.</param>
/// <param name="options">The service.</param>
/// <param name="guard">What has to be proved before.</param>
/// <param name="database">The connection string of the runner's database.</param>
public sealed class GuardedUp(MigrationRunner runner, MigrationOptions options, MigrationGuard guard, string database)
{
    /// <exception cref="MigrationsUnsafe">Something unsafe is pending, and the request gives no reason to skip the check.</exception>
    /// <exception cref="MigrationRefused">Files and database do not fit together, or something is not signed off that must be.</exception>
    public async Task<MigrationReport> RunAsync(UpRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request is { SafetySkipped: null, DryRun: false } && await FindUnsignedAsync(request.To, cancellationToken) is { Count: > 0 } unsigned)
        {
            await JudgeAsync(unsigned, request.To, cancellationToken);
        }

        return await runner.UpAsync(request, cancellationToken);
    }

    private async Task<IReadOnlyList<Migration>> FindUnsignedAsync(long? to, CancellationToken cancellationToken)
    {
        var status = await runner.StatusAsync(cancellationToken);
        var pending = status.Service.Concat(status.Tenants.SelectMany(tenant => tenant.Migrations))
            .Where(line => line.State is MigrationState.Pending or MigrationState.OutOfOrder && line.Version <= (to ?? long.MaxValue))
            .Select(line => line.Migration!).Distinct().ToList();
        if (pending.Count == 0)
        {
            return pending;
        }

        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync(cancellationToken);
        return await new SignOffTable(MigrationTarget.OfService(options).Tracking).FindUnsignedAsync(connection, pending, cancellationToken);
    }

    private async Task JudgeAsync(IReadOnlyList<Migration> unsigned, long? to, CancellationToken cancellationToken)
    {
        if (guard.OnlySignedOff)
        {
            throw new MigrationRefused([.. unsigned.Select(migration => new Refusal(
                "not-signed-off",
                $"{migration.Id} is pending, and nobody has signed it off as it is now. Let the release's pipeline do so against this database: 'projections migrate check --service {options.Service} --sign-off'."))]);
        }

        var report = await new SafetyCheck(options, guard.Copy).RunAsync(new SafetyRequest { Database = database, To = to }, cancellationToken);
        if (!report.IsSafe)
        {
            throw new MigrationsUnsafe(report);
        }
    }
}
