using Projections.Migrations.Safety.Observing;

namespace Projections.Migrations.Safety.Rules.Breaks;

/// <summary>A column is dropped that running code may still name.</summary>
internal sealed class ColumnDropped() : SafetyRule("column-dropped", SafetyGroup.Breaks, Severity.Error)
{
    public override IEnumerable<Finding> Judge(ObservedStatement statement)
    {
        foreach (var column in statement.Changes.GoneColumns.Where(column => statement.Existed(column.Table) && statement.Origin.Columns.ContainsKey((column.Table, column.Number))))
        {
            yield return Find(
                statement,
                $"{statement.NameOf(column.Table)}.{column.Name} is gone: code that names it fails at once, and its values are lost.",
                "First deploy code that does not name the column any more, then drop it, and say so in the file.",
                $"-- safety: allow {Id} \"no reader or writer since …\"", column.Table);
        }
    }
}
