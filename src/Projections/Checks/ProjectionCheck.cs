using Projections.Commands;
using Projections.Definitions;

namespace Projections.Checks;

/// <summary>What one check found of a projection.</summary>
/// <param name="Projection">The projection.</param>
/// <param name="Versions">Its versions that are not retired.</param>
public sealed record ProjectionCheck(ProjectionName Projection, IReadOnlyList<CheckRecord> Versions) : ICommandResult
{
    /// <summary>The worst of its versions' verdicts.</summary>
    public Verdict Verdict => Versions.Count == 0 ? Verdict.Healthy : Versions.Max(version => version.Verdict);

    /// <inheritdoc />
    public string Outcome => Versions.Count == 0 ? $"'{Projection}' was never built; there is nothing to check." : $"'{Projection}' is {Verdict.Text()}.";
}
