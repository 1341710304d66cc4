using Projections.Switching.Gates;

namespace Projections.Switching;

/// <summary>One attempt could not be made in its time; the next one may.</summary>
internal sealed class SwitchBlocked(GateFailure failure, Exception? innerException = null) : Exception(failure.ToString(), innerException)
{
    public const string Gate = "lock";

    public GateFailure Failure { get; } = failure;
}
