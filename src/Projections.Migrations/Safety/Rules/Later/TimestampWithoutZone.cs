using Projections.Migrations.Safety.Observing;

namespace Projections.Migrations.Safety.Rules.Later;

/// <summary>A point in time without its zone.</summary>
internal sealed class TimestampWithoutZone() : SafetyRule("timestamp-without-zone", SafetyGroup.Later, Severity.Warning)
{
    public override IEnumerable<Finding> Judge(ObservedStatement statement)
    {
        foreach (var column in statement.Changes.NewColumns.Concat(statement.Changes.RetypedColumns).Where(column => column.Type.StartsWith("timestamp", StringComparison.Ordinal) && column.Type.EndsWith("without time zone", StringComparison.Ordinal) && statement.After.HasTable(column.Table)))
        {
            yield return Find(statement, $"{statement.NameOf(column.Table)}.{column.Name} is {column.Type}: two services with different settings read different moments from one value.", "Use timestamptz.", null, column.Table);
        }
    }
}
