using Projections.Catalog;

namespace Projections.Checks.Rules;

/// <summary>A version that stopped with an error stays where it is until somebody mends the cause.</summary>
internal sealed class FailedRule : ICatchUpRule
{
    public string Id => "failed";

    public Task<Finding?> JudgeAsync(CheckSubject subject, CancellationToken cancellationToken)
    {
        var version = subject.Version;
        var at = version.FailurePosition is { } position ? $" at position {position}" : "";
        return Task.FromResult(version.State != VersionState.Failed
            ? null
            : new Finding(
                Id,
                Verdict.Broken,
                $"{version.Id} has failed{at}: {version.Failure}",
                $"Mend the cause, then run 'projections resume {subject.Name} --version {version.Id.Number}'."));
    }
}
