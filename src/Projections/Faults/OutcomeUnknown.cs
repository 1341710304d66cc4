using Projections.Definitions;
using Projections.Postgres;

namespace Projections.Faults;

/// <summary>
/// The connection broke while a command was committed, and what became of it could not be found out: it may be done, and it may not.
/// </summary>
/// <param name="projection">The projection.</param>
/// <param name="message">What is not known, why, and how to find out.</param>
/// <param name="innerException">What broke.</param>
public sealed class OutcomeUnknown(ProjectionName projection, string message, Exception innerException) : Exception(message, innerException), IPassingFault
{
    public ProjectionName Projection { get; } = projection;

    /// <inheritdoc/>
    public bool WillPass => PassingFault.Is(InnerException!);
}
