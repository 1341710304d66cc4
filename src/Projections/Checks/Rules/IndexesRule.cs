using Projections.Catalog;
using Projections.Switching;

namespace Projections.Checks.Rules;

/// <summary>Every index of a table that is, or may be, read can be used.</summary>
internal sealed class IndexesRule : ICatchUpRule
{
    public string Id => "indexes";

    public async Task<Finding?> JudgeAsync(CheckSubject subject, CancellationToken cancellationToken)
    {
        if (subject.Version is not { HasTable: true } version || version.State.IsBuild())
        {
            return null;
        }

        var invalid = await InvalidIndexes.OfAsync(subject.Connection, subject.Schema, version.Id.Table, cancellationToken);
        return invalid.Count == 0
            ? null
            : new Finding(
                Id,
                Verdict.Broken,
                $"{string.Join(", ", invalid)} of {version.Id.Table} {(invalid.Count == 1 ? "is" : "are")} not valid, and no query can use {(invalid.Count == 1 ? "it" : "them")}.",
                $"Run 'REINDEX INDEX CONCURRENTLY {invalid[0]}'.");
    }
}
