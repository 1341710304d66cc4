using Projections.Migrations.Safety.Observing;

namespace Projections.Migrations.Safety.Rules.Later;

/// <summary>A key of 16 or 32 bits runs out of numbers.</summary>
internal sealed class SmallKey() : SafetyRule("small-key", SafetyGroup.Later, Severity.Warning)
{
    public override IEnumerable<Finding> Judge(ObservedStatement statement)
    {
        var keys = statement.Changes.NewConstraints.Where(constraint => constraint is { Kind: 'p', Columns.Count: 1 })
            .Select(constraint => statement.After.Columns[(constraint.Table, constraint.Columns[0])]);
        var numbered = statement.Changes.NewColumns.Where(column => column.IsSerial || column.IsIdentity);
        foreach (var column in keys.Concat(numbered).Where(column => column.Type is "integer" or "smallint").Distinct())
        {
            yield return Find(
                statement, $"{statement.NameOf(column.Table)}.{column.Name} is a key of type {column.Type}, which ends at {(column.Type == "integer" ? "2,147,483,647" : "32,767")}; then no row can be inserted.",
                "Use bigint, which costs four bytes a row.", null, column.Table);
        }
    }
}
