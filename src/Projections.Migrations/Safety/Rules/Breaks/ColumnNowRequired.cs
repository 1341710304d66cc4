using Projections.Migrations.Safety.Catalog;
using Projections.Migrations.Safety.Observing;

namespace Projections.Migrations.Safety.Rules.Breaks;

/// <summary>A column refuses NULL from now on, while code that does not fill it may still run.</summary>
internal sealed class ColumnNowRequired() : SafetyRule("column-now-required", SafetyGroup.Breaks, Severity.Warning)
{
    // Either the column itself refuses NULL, or a new constraint does so, validated or not.
    private static IEnumerable<CatalogColumn> Required(ObservedStatement statement) =>
        statement.Changes.NowRequiredColumns.Concat(statement.Changes.NewConstraints
            .Where(constraint => IsNotNullCheck(constraint) && statement.Origin.HasTable(constraint.Table))
            .Select(constraint => statement.After.Columns[(constraint.Table, constraint.Columns[0])])
            .Where(column => statement.Origin.Columns.ContainsKey((column.Table, column.Number))));

    private static bool WasRequired(ObservedStatement statement, CatalogColumn column) =>
        (statement.Origin.Columns.TryGetValue((column.Table, column.Number), out var before) && before.IsRequired)
        || statement.Origin.Constraints.Values.Any(constraint =>
            IsNotNullCheck(constraint) && constraint.Table == column.Table && constraint.Columns[0] == column.Number);

    private static bool IsNotNullCheck(CatalogConstraint constraint) =>
        constraint is { Kind: 'c', Table: not 0, Columns.Count: 1 } && constraint.Definition.Contains("IS NOT NULL", StringComparison.Ordinal)
        && !constraint.Definition.Contains(" OR ", StringComparison.Ordinal);

    public override IEnumerable<Finding> Judge(ObservedStatement statement)
    {
        foreach (var column in Required(statement).Where(column =>
            statement.Existed(column.Table) && !column.FillsItself && !WasRequired(statement, column)).Distinct())
        {
            yield return Find(
                statement,
                $"{statement.NameOf(column.Table)}.{column.Name} refuses NULL from here on, and nothing fills it: code that leaves it out fails.",
                "Make sure that all running code fills the column, or give it a default first.", null, column.Table);
        }
    }
}
