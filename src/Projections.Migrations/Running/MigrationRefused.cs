namespace Projections.Migrations.Running;

/// <summary>The files and the database do not fit together as they must; nothing was run. All reasons are named at once.</summary>
public sealed class MigrationRefused(IReadOnlyList<Refusal> refusals) : Exception(
    $"Refused; nothing was run.{Environment.NewLine}{string.Join(Environment.NewLine, refusals.Select(refusal => refusal.Message))}")
{
    public IReadOnlyList<Refusal> Refusals { get; } = refusals;
}
