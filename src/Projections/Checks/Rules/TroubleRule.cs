using System.Globalization;
using Projections.Catalog;

namespace Projections.Checks.Rules;

/// <summary>Nothing outside of a version keeps the work on it from going on.</summary>
internal sealed class TroubleRule : ICatchUpRule
{
    public string Id => "trouble";

    public Task<Finding?> JudgeAsync(CheckSubject subject, CancellationToken cancellationToken) => Task.FromResult(
        subject.Version is not { Trouble: { } trouble, TroubleSince: { } since } version
            ? null
            : new Finding(
                Id,
                Verdict.Stuck,
                string.Create(CultureInfo.InvariantCulture, $"{version.Id} ({version.State.Text()}) has not gone on for {(subject.Now - since).TotalSeconds:0} s: {trouble}"),
                "Mend the cause; the work then goes on by itself, and nothing is lost meanwhile."));
}
