namespace Projections.Checks.Policies;

/// <summary>Something that a check may do by itself where a projection's options say so.</summary>
internal interface ICatchUpPolicy
{
    /// <returns>What is to be done; <c>null</c> for nothing.</returns>
    Task<PolicyAction?> DecideAsync(CheckOutcome outcome, CancellationToken cancellationToken);
}
