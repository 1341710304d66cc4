using System.Collections.Concurrent;
using Projections.Migrations.Execution;
using Projections.Migrations.Files;
using Projections.Migrations.Tracking;

namespace Projections.Migrations.Running;

/// <summary>Runs a service's tenant migrations in many schemas at a time; one tenant's failure stops only that tenant.</summary>
internal sealed class TenantRun(
    MigrationContext context, OnInterrupted onInterrupted, IReadOnlyList<TenantPlan> plans, ConcurrentQueue<MigrationOutcome> done)
{
    private readonly ConcurrentDictionary<string, TenantFailure> _failures = new();

    public IReadOnlyList<TenantFailure> Failures => [.. _failures.Values.OrderBy(failure => failure.Schema, StringComparer.Ordinal)];

    /// <summary>Runs in each tenant what it needs of these migrations, in their order.</summary>
    public Task RunAsync(IReadOnlyList<Migration> migrations, Direction direction, CancellationToken cancellationToken)
    {
        var parallel = new ParallelOptions
        {
            MaxDegreeOfParallelism = context.Options.Tenants.Parallelism,
            CancellationToken = cancellationToken,
        };
        return Parallel.ForEachAsync(plans, parallel, async (plan, token) =>
        {
            try
            {
                await RunTenantAsync(plan, migrations, direction, token);
            }
            catch (Exception reason) when (reason is not OperationCanceledException)
            {
                _failures.TryAdd(plan.Schema, new TenantFailure(plan.Schema, reason));
            }
        });
    }

    private async Task RunTenantAsync(
        TenantPlan plan, IReadOnlyList<Migration> migrations, Direction direction, CancellationToken cancellationToken)
    {
        if (_failures.ContainsKey(plan.Schema))
        {
            return;
        }

        if (plan.Refused is not null)
        {
            throw plan.Refused;
        }

        var steps = plan.Steps.Where(status => migrations.Contains(status.Migration!)).ToList();
        if (steps.Count == 0)
        {
            return;
        }

        var target = MigrationTarget.OfTenant(context.Options, plan.Schema);
        await EnsureTrackingAsync(target, cancellationToken);
        var step = new MigrationStep(context, onInterrupted);
        foreach (var status in steps)
        {
            done.Enqueue(await step.RunAsync(status.Migration!, direction, target, status.Tracked, cancellationToken));
        }
    }

    private async Task EnsureTrackingAsync(MigrationTarget target, CancellationToken cancellationToken)
    {
        await using var connection = await context.Database.OpenConnectionAsync(cancellationToken);
        await target.Tracking.EnsureAsync(connection, cancellationToken);
    }
}
