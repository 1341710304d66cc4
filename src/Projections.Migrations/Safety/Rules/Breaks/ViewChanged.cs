using Projections.Migrations.Safety.Catalog;
using Projections.Migrations.Safety.Observing;

namespace Projections.Migrations.Safety.Rules.Breaks;

/// <summary>A view goes, or loses columns, under those who read it.</summary>
internal sealed class ViewChanged() : SafetyRule("view-changed", SafetyGroup.Breaks, Severity.Error)
{
    private static IEnumerable<string> Missing(ObservedStatement statement, CatalogRelation view)
    {
        var successor = statement.Final.Relations.Values.FirstOrDefault(relation => relation.Schema == view.Schema && relation.Name == view.Name);
        var kept = successor is null ? [] : statement.Final.ColumnsOf(successor.Oid).Select(column => (column.Name, column.Type)).ToHashSet();
        return statement.Before.ColumnsOf(view.Oid).Where(column => !kept.Contains((column.Name, column.Type))).Select(column => $"{column.Name} {column.Type}");
    }

    public override IEnumerable<Finding> Judge(ObservedStatement statement)
    {
        foreach (var view in statement.Changes.GoneRelations.Where(relation => relation.Kind == 'v' && statement.Origin.Relations.ContainsKey(relation.Oid)))
        {
            var missing = Missing(statement, view).ToList();
            if (missing.Count > 0)
            {
                yield return Find(
                    statement, $"The view {view.Readable} does not give {string.Join(", ", missing)} any more when the migration is done: code that reads that fails.",
                    "Put new columns at the end and keep the old ones until nobody reads them; CREATE OR REPLACE VIEW does that without a gap.");
            }
        }

        foreach (var (before, after) in statement.Changes.KeptRelations.Where(pair => pair.Before.Kind == 'v' && statement.Origin.Relations.ContainsKey(pair.Before.Oid)
            && (pair.Before.Name != pair.After.Name || pair.Before.Schema != pair.After.Schema)))
        {
            yield return Find(
                statement, $"The view {before.Readable} is called {after.Readable} now: code that names the old one fails at once.",
                "Create a second view with the new name, and drop the old one when nobody reads it.");
        }
    }
}
