using System.Collections.Concurrent;
using Projections.Migrations.Execution;
using Projections.Migrations.Files;
using Projections.Migrations.Tracking;

namespace Projections.Migrations.Running;

/// <summary>
/// Runs a plan in the order of the numbers: what runs once, and what runs in each tenant, by turns. A migration that runs once waits until
/// every tenant has what comes before it.
/// </summary>
internal sealed class ServiceRun(
    MigrationContext context,
    OnInterrupted onInterrupted,
    IReadOnlyList<Migration> migrations,
    IReadOnlyList<MigrationStatus> service,
    IReadOnlyList<TenantPlan> tenants,
    RunnerLock? runnerLock)
{
    private readonly ConcurrentQueue<MigrationOutcome> _done = new();

    public async Task<MigrationReport> RunAsync(MigrationTarget target, Direction direction, CancellationToken cancellationToken)
    {
        await EnsureTrackingAsync(target, cancellationToken);
        var tenantRun = new TenantRun(context, onInterrupted, tenants, _done);
        var step = new MigrationStep(context, onInterrupted);
        try
        {
            foreach (var group in Groups(direction))
            {
                await runnerLock!.EnsureHeldAsync(cancellationToken);
                if (group[0].EachTenant)
                {
                    await tenantRun.RunAsync(group, direction, cancellationToken);
                }
                else if (tenantRun.Failures.Count == 0 && service.FirstOrDefault(status => status.Migration == group[0]) is { } status)
                {
                    _done.Enqueue(await step.RunAsync(group[0], direction, target, status.Tracked, cancellationToken));
                }
            }
        }
        catch (Exception failure)
        {
            return Report(tenantRun.Failures, failure);
        }

        return Report(tenantRun.Failures);
    }

    public MigrationReport Report() => Report([]);

    private MigrationReport Report(IReadOnlyList<TenantFailure> tenantFailures, Exception? failure = null)
    {
        var planned = service.Concat(tenants.SelectMany(tenant => tenant.Steps)).Select(status => status.Migration!).ToHashSet();
        return new MigrationReport(
            [.. migrations.Where(planned.Contains)], [.. _done], failure, tenantFailures);
    }

    // Neighbours that run in each tenant are one group, so that a tenant gets them all in one go.
    private List<List<Migration>> Groups(Direction direction)
    {
        var groups = new List<List<Migration>>();
        foreach (var migration in direction == Direction.Up ? migrations : migrations.Reverse())
        {
            if (migration.EachTenant && groups.Count > 0 && groups[^1][0].EachTenant)
            {
                groups[^1].Add(migration);
            }
            else
            {
                groups.Add([migration]);
            }
        }

        return groups;
    }

    private async Task EnsureTrackingAsync(MigrationTarget target, CancellationToken cancellationToken)
    {
        await using var connection = await context.Database.OpenConnectionAsync(cancellationToken);
        await target.Tracking.EnsureAsync(connection, cancellationToken);
    }
}
