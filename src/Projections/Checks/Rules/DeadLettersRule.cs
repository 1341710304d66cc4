using System.Globalization;

namespace Projections.Checks.Rules;

/// <summary>No event was set aside and waits for a decision: the rows lack it until then.</summary>
internal sealed class DeadLettersRule : ICatchUpRule
{
    public string Id => "dead-letters";

    public Task<Finding?> JudgeAsync(CheckSubject subject, CancellationToken cancellationToken)
    {
        var count = subject.Status.DeadLetters;
        return Task.FromResult(count == 0
            ? null
            : new Finding(
                Id,
                Verdict.Broken,
                string.Create(CultureInfo.InvariantCulture, $"{count} event{(count == 1 ? " was" : "s were")} set aside and {(count == 1 ? "is" : "are")} missing from the rows of {subject.Version.Id}."),
                $"See 'projections dead-letters {subject.Name} --version {subject.Version.Id.Number}', and have them retried or discarded."));
    }
}
