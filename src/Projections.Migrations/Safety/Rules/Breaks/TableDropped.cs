using Projections.Migrations.Safety.Observing;

namespace Projections.Migrations.Safety.Rules.Breaks;

/// <summary>A table is dropped that running code may still name.</summary>
internal sealed class TableDropped() : SafetyRule("table-dropped", SafetyGroup.Breaks, Severity.Error)
{
    public override IEnumerable<Finding> Judge(ObservedStatement statement)
    {
        foreach (var table in statement.Changes.GoneRelations.Where(relation => statement.Existed(relation.Oid)))
        {
            yield return Find(
                statement,
                $"{table.Readable} is gone: code that names it fails at once, and its rows are lost.",
                "First deploy code that does not name it any more, then drop it, and say so in the file.",
                $"-- safety: allow {Id} \"no reader or writer since …\"", table.Oid);
        }
    }
}
