using Projections.Migrations.Safety.Observing;

namespace Projections.Migrations.Safety.Rules.Blocks;

/// <summary>An index is dropped in the ordinary way, which takes its whole table.</summary>
internal sealed class IndexDropNotConcurrent() : SafetyRule("index-drop-not-concurrent", SafetyGroup.Blocks, Severity.Error)
{
    public override IEnumerable<Finding> Judge(ObservedStatement statement)
    {
        if (!statement.Statement.StartsWith("drop", "index") || statement.RanOutside)
        {
            yield break;
        }

        foreach (var index in statement.Changes.GoneIndexes.Where(index => statement.Existed(index.Table) && statement.Origin.Indexes.ContainsKey(index.Oid)))
        {
            var name = statement.Before.Relations[index.Oid];
            yield return Find(
                statement,
                $"It drops {name.Readable} under an ACCESS EXCLUSIVE lock on {statement.NameOf(index.Table)}: readers and writers wait behind it as long as it waits for the last of them.",
                "Drop it with CONCURRENTLY, in a migration that says '-- transaction: none'.",
                $"-- transaction: none\nDROP INDEX CONCURRENTLY {name.Quoted};",
                index.Table);
        }
    }
}
