namespace Projections.Checks.Rules;

/// <summary>What is wrong with a version's declaration keeps this program from building or following it.</summary>
internal sealed class DeclaredRule : ICatchUpRule
{
    public const string Name = "declared";

    public string Id => Name;

    public Task<Finding?> JudgeAsync(CheckSubject subject, CancellationToken cancellationToken)
    {
        var errors = subject.Projection.Errors.Where(error => error.Version == subject.Version.Id).ToList();
        return Task.FromResult(errors.Count == 0
            ? null
            : new Finding(
                Id,
                Verdict.Broken,
                $"The declaration of {subject.Version.Id} in this program is wrong. {string.Join(" ", errors)}",
                "Mend it and start the workers anew, or start them from the release before."));
    }
}
