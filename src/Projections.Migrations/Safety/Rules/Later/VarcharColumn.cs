using Projections.Migrations.Safety.Observing;

namespace Projections.Migrations.Safety.Rules.Later;

/// <summary>A column of type varchar(n), where the limit is hard to change.</summary>
internal sealed class VarcharColumn() : SafetyRule("varchar-column", SafetyGroup.Later, Severity.Notice)
{
    public override IEnumerable<Finding> Judge(ObservedStatement statement)
    {
        foreach (var column in statement.Changes.NewColumns.Concat(statement.Changes.RetypedColumns).Where(column => column.Type.StartsWith("character varying(", StringComparison.Ordinal) && statement.After.HasTable(column.Table)))
        {
            yield return Find(statement, $"{statement.NameOf(column.Table)}.{column.Name} is {column.Type}, and a shorter limit writes the table anew.", "Use text, with a CHECK constraint on its length where a limit is meant.", null, column.Table);
        }
    }
}
