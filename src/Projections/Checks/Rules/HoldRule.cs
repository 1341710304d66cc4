using System.Globalization;

namespace Projections.Checks.Rules;

/// <summary>No writer holds back the source's safe head for long: what it hides, no version can have.</summary>
internal sealed class HoldRule : ICatchUpRule
{
    public const string Name = "safe-head";

    public string Id => Name;

    public Task<Finding?> JudgeAsync(CheckSubject subject, CancellationToken cancellationToken)
    {
        var head = subject.Projection.Head;
        return Task.FromResult(!subject.OughtToBeCurrent || head.Hold is not { } hold || subject.Now - hold.Since.UtcDateTime <= subject.Options.MaxHold
            ? null
            : new Finding(
                Id,
                Verdict.Lagging,
                string.Create(CultureInfo.InvariantCulture, $"The source's safe head has stood at {head.Position} for {(subject.Now - hold.Since.UtcDateTime).TotalSeconds:0} s: {hold.Reason}"),
                "Let that transaction end, or end it with pg_terminate_backend; the events behind it are read then."));
    }
}
