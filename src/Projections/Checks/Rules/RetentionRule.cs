using System.Globalization;

namespace Projections.Checks.Rules;

/// <summary>A version stands by no longer than it is kept for a rollback. That is advice, and nothing is wrong with the version.</summary>
internal sealed class RetentionRule : ICatchUpRule
{
    public string Id => "retention";

    public Task<Finding?> JudgeAsync(CheckSubject subject, CancellationToken cancellationToken) =>
        Task.FromResult(subject.Options.StandbyRetention is not { } retention || subject.Now - subject.StandbySince is not { } age || age <= retention
            ? null
            : new Finding(
                Id,
                Verdict.Healthy,
                string.Create(CultureInfo.InvariantCulture, $"{subject.Version.Id} has stood by for {age.TotalHours:0.#} h, longer than the {retention.TotalHours:0.#} h that it is kept for a rollback."),
                $"Run 'projections retire {subject.Name} --version {subject.Version.Id.Number}' when nobody needs it."));
}
