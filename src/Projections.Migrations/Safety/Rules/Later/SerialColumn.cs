using Projections.Migrations.Safety.Observing;

namespace Projections.Migrations.Safety.Rules.Later;

/// <summary>A serial column, whose sequence has rights and an owner of its own.</summary>
internal sealed class SerialColumn() : SafetyRule("serial-column", SafetyGroup.Later, Severity.Notice)
{
    public override IEnumerable<Finding> Judge(ObservedStatement statement)
    {
        foreach (var column in statement.Changes.NewColumns.Where(column => column.IsSerial))
        {
            yield return Find(
                statement, $"{statement.NameOf(column.Table)}.{column.Name} takes its numbers from a sequence with rights of its own, which every writer must be granted.",
                "Use GENERATED ALWAYS AS IDENTITY.", null, column.Table);
        }
    }
}
