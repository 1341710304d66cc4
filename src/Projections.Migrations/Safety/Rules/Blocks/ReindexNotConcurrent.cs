using Projections.Migrations.Safety.Observing;

namespace Projections.Migrations.Safety.Rules.Blocks;

/// <summary>An index is rebuilt in the ordinary way.</summary>
internal sealed class ReindexNotConcurrent() : SafetyRule("reindex-not-concurrent", SafetyGroup.Blocks, Severity.Error)
{
    public override IEnumerable<Finding> Judge(ObservedStatement statement)
    {
        if (!statement.Statement.StartsWith("reindex") || statement.Statement.Has("concurrently"))
        {
            yield break;
        }

        var tables = statement.Before.Indexes.Values
            .Where(index => statement.Existed(index.Table) && statement.Rewrote(index.Oid)).Select(index => index.Table).Distinct();
        foreach (var table in tables)
        {
            yield return Find(
                statement,
                $"It rebuilds indexes of {statement.NameOf(table)} in place: writers of the table wait, and so do readers that would use the index.",
                "Add CONCURRENTLY, in a migration that says '-- transaction: none'.",
                $"-- transaction: none\nREINDEX TABLE CONCURRENTLY {statement.QuotedNameOf(table)};",
                table, Work.IndexBuild);
        }
    }
}
