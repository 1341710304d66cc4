using Projections.Migrations.Files;
using Projections.Migrations.Safety.Observing;

namespace Projections.Migrations.Safety.Rules.Breaks;

/// <summary>The way back drops what may hold data by then.</summary>
internal sealed class DownLosesData() : SafetyRule("down-loses-data", SafetyGroup.Breaks, Severity.Warning)
{
    public override bool JudgesDown => true;

    public override IEnumerable<Finding> Judge(ObservedStatement statement)
    {
        if (statement.Direction != Direction.Down)
        {
            yield break;
        }

        var lost = statement.Changes.GoneColumns.Where(column => statement.Existed(column.Table)).Select(column => $"{statement.NameOf(column.Table)}.{column.Name}")
            .Concat(statement.Changes.GoneRelations.Where(relation => relation.Kind is 'r').Select(relation => $"all rows of {relation.Readable}")).ToList();
        if (lost.Count > 0)
        {
            yield return Find(
                statement, $"Taking it back loses what was written since: {string.Join(", ", lost)}.",
                "If that counts, copy it away before you go back.");
        }
    }
}
