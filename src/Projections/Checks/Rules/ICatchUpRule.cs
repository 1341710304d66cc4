namespace Projections.Checks.Rules;

/// <summary>One thing that a catch-up check looks at. All rules are asked, so that all findings are told at once.</summary>
internal interface ICatchUpRule
{
    /// <summary>The rule's stable name: <c>lag</c>.</summary>
    string Id { get; }

    /// <returns><c>null</c> when there is nothing to say.</returns>
    Task<Finding?> JudgeAsync(CheckSubject subject, CancellationToken cancellationToken);
}
