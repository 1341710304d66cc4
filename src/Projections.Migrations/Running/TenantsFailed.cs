namespace Projections.Migrations.Running;

/// <summary>The migrations of some tenants failed, those of the others are done.</summary>
public sealed class TenantsFailed(IReadOnlyList<TenantFailure> failures) : Exception(
    $"{failures.Count} tenant{(failures.Count == 1 ? "" : "s")} failed; the others are done. Repair the cause and run again: only what is missing runs.{Environment.NewLine}{string.Join(Environment.NewLine, failures.Select(failure => $"{failure.Schema}: {failure.Reason.Message}"))}")
{
    public IReadOnlyList<TenantFailure> Failures { get; } = failures;
}

/// <summary>One tenant's migrations failed or were refused; the other tenants' went on.</summary>
/// <param name="Schema">The tenant.</param>
/// <param name="Reason">Why.</param>
public sealed record TenantFailure(string Schema, Exception Reason);
