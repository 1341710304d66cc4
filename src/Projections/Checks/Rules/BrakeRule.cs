using Projections.Catalog;

namespace Projections.Checks.Rules;

/// <summary>No brake holds a rebuild. That is advice: it waits on purpose, for others that suffer from what it writes, and goes on by itself.</summary>
internal sealed class BrakeRule : ICatchUpRule
{
    public string Id => "brake";

    public Task<Finding?> JudgeAsync(CheckSubject subject, CancellationToken cancellationToken) => Task.FromResult(
        subject.Version.Hold is not { } hold
            ? null
            : new Finding(
                Id,
                Verdict.Healthy,
                $"{subject.Version.Id} ({subject.Version.State.Text()}) is {hold}.",
                "It goes on by itself as soon as that is over; mend the cause if it lasts."));
}
