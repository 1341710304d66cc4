using Projections.Migrations.Running;

namespace Projections.Migrations.Safety;

/// <summary>Applies what is pending, but only after the safety check has nothing against it.</summary>
/// <param name="runner">The runner.</param>
/// <param name="check">The check.</param>
/// <param name="database">The connection string of the runner's database.</param>
public sealed class GuardedUp(MigrationRunner runner, SafetyCheck check, string database)
{
    /// <exception cref="MigrationsUnsafe">Something unsafe is pending, and the request gives no reason to skip the check.</exception>
    public async Task<MigrationReport> RunAsync(UpRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var isNothingPending = (await runner.StatusAsync(cancellationToken)).IsCurrent;
        if (!isNothingPending && request is { SafetySkipped: null, DryRun: false })
        {
            var report = await check.RunAsync(new SafetyRequest { Database = database, To = request.To }, cancellationToken);
            if (!report.IsSafe)
            {
                throw new MigrationsUnsafe(report);
            }
        }

        return await runner.UpAsync(request, cancellationToken);
    }
}
