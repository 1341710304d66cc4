using Projections.Migrations.Safety.Catalog;
using Projections.Migrations.Safety.Observing;

namespace Projections.Migrations.Safety.Rules.Breaks;

/// <summary>A unique index goes, alone or with its constraint, and no other keeps the same apart.</summary>
internal sealed class UniquenessDropped() : SafetyRule("uniqueness-dropped", SafetyGroup.Breaks, Severity.Warning)
{
    public override IEnumerable<Finding> Judge(ObservedStatement statement)
    {
        foreach (var index in statement.Changes.GoneIndexes.Where(index =>
            index is { IsUnique: true, IsValid: true } && statement.Origin.Indexes.ContainsKey(index.Oid) && statement.Existed(index.Table)
            && !statement.Final.Indexes.Values.Any(other => other is { IsUnique: true, IsValid: true } && other.Table == index.Table && Key(other) == Key(index))))
        {
            yield return Find(
                statement,
                $"{statement.NameOf(index.Oid)} kept rows of {statement.NameOf(index.Table)} apart: from here on INSERT … ON CONFLICT with its columns or expressions fails (42P10), and others may write duplicates.",
                "Build the unique index that takes its place first, concurrently; or let all code that names it in ON CONFLICT go first.", null, index.Table);
        }
    }

    // What ON CONFLICT is matched with: the columns in any order, or the expressions as they stand, and the condition.
    private static string Key(CatalogIndex index) => index.IsPartial || index.Columns.Contains((short)0)
        ? index.Definition[index.Definition.IndexOf(" USING ", StringComparison.Ordinal)..]
        : string.Join(',', index.Columns.Order());
}
