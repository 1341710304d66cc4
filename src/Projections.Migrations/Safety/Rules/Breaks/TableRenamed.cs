using Projections.Migrations.Safety.Observing;
using Projections.Postgres;

namespace Projections.Migrations.Safety.Rules.Breaks;

/// <summary>A table gets another name or schema while code uses the old one.</summary>
internal sealed class TableRenamed() : SafetyRule("table-renamed", SafetyGroup.Breaks, Severity.Error)
{
    public override IEnumerable<Finding> Judge(ObservedStatement statement)
    {
        foreach (var (before, after) in statement.Changes.KeptRelations.Where(pair =>
            statement.Existed(pair.Before.Oid) && (pair.Before.Name != pair.After.Name || pair.Before.Schema != pair.After.Schema)))
        {
            var isReplaced = statement.Final.Relations.Values.Any(relation => relation.Name == before.Name && relation.Schema == before.Schema && relation.Kind is 'r' or 'p' or 'v');
            yield return Find(
                statement,
                isReplaced
                    ? $"{before.Readable} is called {after.Readable} now, and something else has its name when the migration is done: code that names it meets that."
                    : $"{before.Readable} is called {after.Readable} now: code that names the old one fails at once, and code for the new one fails before.",
                "Rename it and put a view with the old name in its place in the same migration (a simple view can be written to as well); drop the view when nobody names it any more.",
                $"ALTER TABLE {before.Quoted} RENAME TO {SqlName.Quote(after.Name)};\nCREATE VIEW {before.Quoted} WITH (security_invoker) AS SELECT * FROM {after.Quoted};",
                after.Oid, severity: isReplaced ? Severity.Warning : Severity.Error);
        }
    }
}
