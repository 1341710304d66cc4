using Projections.Migrations.Safety.Observing;

namespace Projections.Migrations.Safety.Rules.Blocks;

/// <summary>A materialized view is refreshed in the ordinary way.</summary>
internal sealed class RefreshNotConcurrent() : SafetyRule("refresh-not-concurrent", SafetyGroup.Blocks, Severity.Error)
{
    public override IEnumerable<Finding> Judge(ObservedStatement statement)
    {
        if (!statement.Statement.StartsWith("refresh", "materialized", "view") || statement.Statement.Has("concurrently"))
        {
            yield break;
        }

        foreach (var view in statement.RewrittenTables)
        {
            yield return Find(
                statement,
                $"It computes {view.Readable} anew under {statement.LockOn(view.Oid).Name()}: readers wait.",
                "Give the view a unique index, and refresh it CONCURRENTLY.",
                $"REFRESH MATERIALIZED VIEW CONCURRENTLY {view.Quoted};", view.Oid, Work.Rewrite);
        }
    }
}
