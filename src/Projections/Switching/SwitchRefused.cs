using Projections.Definitions;
using Projections.Switching.Gates;

namespace Projections.Switching;

/// <summary>Reads stay where they are, because a gate is shut or the lock could not be had in time.</summary>
public sealed class SwitchRefused(VersionId version, IReadOnlyList<GateFailure> failures)
    : Exception($"Cannot switch '{version.Projection}' to v{version.Number}:{Environment.NewLine}{string.Join(Environment.NewLine, failures.Select(failure => $"  {failure}"))}")
{
    public VersionId VersionId { get; } = version;

    public IReadOnlyList<GateFailure> Failures { get; } = failures;
}
