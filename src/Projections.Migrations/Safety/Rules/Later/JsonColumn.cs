using Projections.Migrations.Safety.Observing;

namespace Projections.Migrations.Safety.Rules.Later;

/// <summary>A column of type json, which has no equality.</summary>
internal sealed class JsonColumn() : SafetyRule("json-column", SafetyGroup.Later, Severity.Warning)
{
    public override IEnumerable<Finding> Judge(ObservedStatement statement)
    {
        foreach (var column in statement.Changes.NewColumns.Concat(statement.Changes.RetypedColumns).Where(column => column.Type == "json" && statement.After.HasTable(column.Table)))
        {
            yield return Find(statement, $"{statement.NameOf(column.Table)}.{column.Name} is {column.Type}, which has no equality: SELECT DISTINCT and UNION over it fail.", "Use jsonb.", null, column.Table);
        }
    }
}
