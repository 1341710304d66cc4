using Projections.Migrations.Tracking;

namespace Projections.Migrations.Running;

/// <summary>What one tenant needs.</summary>
/// <param name="Schema">The tenant.</param>
/// <param name="Steps">What is to run, in order.</param>
/// <param name="Refused">Why nothing may run there; <c>null</c> when it may.</param>
internal sealed record TenantPlan(
    string Schema, IReadOnlyList<MigrationStatus> Steps, MigrationRefused? Refused)
{
    public static TenantPlan Make(string schema, Func<IReadOnlyList<MigrationStatus>> plan)
    {
        try
        {
            return new TenantPlan(schema, plan(), null);
        }
        catch (MigrationRefused refused)
        {
            return new TenantPlan(schema, [], refused);
        }
    }
}
