using Projections.Definitions;
using Projections.Switching.Gates;

namespace Projections.Switching;

/// <summary>Reads stay where they are, because a gate is shut or a lock could not be had in time.</summary>
/// <param name="versions">The versions that reads were to go to.</param>
/// <param name="failures">What was found.</param>
public sealed class SwitchRefused(IReadOnlyList<VersionId> versions, IReadOnlyList<GateFailure> failures)
    : Exception($"Cannot switch {string.Join(" and ", versions.Select(version => $"'{version.Projection}' to v{version.Number}"))}:{Environment.NewLine}{string.Join(Environment.NewLine, failures.Select(failure => $"  {failure}"))}")
{
    public IReadOnlyList<VersionId> Versions { get; } = versions;

    public IReadOnlyList<GateFailure> Failures { get; } = failures;
}
