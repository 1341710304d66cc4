using Projections.Migrations.Execution;
using Projections.Migrations.Files;

namespace Projections.Migrations.Running;

/// <summary>What a run of migrations did. What is done stays done, even if a later one failed.</summary>
/// <param name="Planned">What was to run: in the service itself, or in at least one tenant.</param>
/// <param name="Done">What was run.</param>
/// <param name="Failure">What stopped the run, an <see cref="OperationCanceledException"/> where it was called off; <c>null</c> when nothing did.</param>
/// <param name="TenantFailures">The tenants where something failed.</param>
public sealed record MigrationReport(
    IReadOnlyList<Migration> Planned,
    IReadOnlyList<MigrationOutcome> Done,
    Exception? Failure,
    IReadOnlyList<TenantFailure> TenantFailures)
{
    public bool Succeeded => Failure is null && TenantFailures.Count == 0;

    /// <exception cref="MigrationFailed">The run was stopped by this failure.</exception>
    /// <exception cref="TenantsFailed">Some tenants failed.</exception>
    public void ThrowIfFailed()
    {
        if (Failure is not null)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(Failure);
        }

        if (TenantFailures.Count > 0)
        {
            throw new TenantsFailed(TenantFailures);
        }
    }
}

/// <summary>A migration that was run.</summary>
/// <param name="Migration">Which.</param>
/// <param name="Direction">Whether it was applied or taken back.</param>
/// <param name="Tenant">In which tenant's schema; <c>null</c> for the service itself.</param>
/// <param name="Took">How long it took, waiting for locks included.</param>
public sealed record MigrationOutcome(Migration Migration, Direction Direction, string? Tenant, TimeSpan Took);
