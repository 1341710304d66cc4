using System.Globalization;

namespace Projections.Checks.Rules;

/// <summary>No event has turned up behind the version's checkpoint that its rows lack.</summary>
internal sealed class LateEventsRule : ICatchUpRule
{
    public string Id => "late-events";

    public Task<Finding?> JudgeAsync(CheckSubject subject, CancellationToken cancellationToken)
    {
        var late = subject.Status.LateEvents;
        if (late.Waiting == 0)
        {
            return Task.FromResult<Finding?>(null);
        }

        var version = subject.Version.Id;
        var count = string.Create(CultureInfo.InvariantCulture, $"{late.Waiting} late event{(late.Waiting == 1 ? "" : "s")}");
        return Task.FromResult<Finding?>(late.Problem is { } problem
            ? new Finding(
                Id,
                Verdict.Broken,
                $"{version} is broken: {count}, turned up behind its checkpoint, {(late.Waiting == 1 ? "is" : "are")} missing from its rows: {problem}",
                $"Build it anew under a new number ('projections rebuild {subject.Name} --to …'), and switch to that; or mend what is in the way and restart the worker.")
            : new Finding(
                Id,
                Verdict.Lagging,
                $"{count}, turned up behind the checkpoint of {version}, {(late.Waiting == 1 ? "is" : "are")} missing from its rows.",
                subject.Version.Lockstep
                    ? "Wait a moment: whoever follows it folds them in."
                    : "They are folded in as soon as a worker works on the version again: start one with 'projections run', or resume the version."));
    }
}
