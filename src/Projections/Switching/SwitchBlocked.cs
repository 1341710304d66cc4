using Projections.Definitions;
using Projections.Switching.Gates;

namespace Projections.Switching;

/// <summary>One attempt could not be made in its time; the next one may.</summary>
internal sealed class SwitchBlocked(GateFailure failure, VersionId? at = null, Exception? innerException = null) : Exception(failure.ToString(), innerException)
{
    public const string Gate = "lock";

    public GateFailure Failure { get; } = failure;

    /// <summary>The version whose read name could not be locked; <c>null</c> when something else was in the way.</summary>
    public VersionId? At { get; } = at;
}
