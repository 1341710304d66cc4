using Projections.Migrations.Safety.Observing;

namespace Projections.Migrations.Safety.Rules.Later;

/// <summary>A column of type char(n).</summary>
internal sealed class CharColumn() : SafetyRule("char-column", SafetyGroup.Later, Severity.Warning)
{
    public override IEnumerable<Finding> Judge(ObservedStatement statement)
    {
        foreach (var column in statement.Changes.NewColumns.Concat(statement.Changes.RetypedColumns).Where(column => column.Type.StartsWith("character(", StringComparison.Ordinal) && statement.After.HasTable(column.Table)))
        {
            yield return Find(statement, $"{statement.NameOf(column.Table)}.{column.Name} is {column.Type}: values are filled up with blanks, which vanish in comparisons and come back in results.", "Use text.", null, column.Table);
        }
    }
}
