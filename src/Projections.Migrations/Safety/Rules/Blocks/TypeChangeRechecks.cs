using Projections.Migrations.Safety.Observing;

namespace Projections.Migrations.Safety.Rules.Blocks;

/// <summary>A column's new type is stored alike, but its indexes are built again or its rows checked again.</summary>
internal sealed class TypeChangeRechecks() : SafetyRule("type-change-rechecks", SafetyGroup.Blocks, Severity.Error)
{
    public override IEnumerable<Finding> Judge(ObservedStatement statement)
    {
        foreach (var column in statement.Changes.RetypedColumns.Where(column => statement.Existed(column.Table) && !statement.Rewrote(column.Table)))
        {
            var rebuilt = statement.Before.Indexes.Values.Where(index => index.Table == column.Table && statement.Rewrote(index.Oid))
                .Select(index => statement.NameOf(index.Oid)).ToList();
            if (rebuilt.Count == 0 && !statement.Scanned(column.Table))
            {
                continue;
            }

            var proof = rebuilt.Count > 0 ? $"built {string.Join(", ", rebuilt)} anew" : "went through all rows to check them";
            yield return Find(
                statement,
                $"The new type of {column.Name} is stored like the old one, but PostgreSQL {proof} while it held ACCESS EXCLUSIVE on {statement.NameOf(column.Table)}: readers and writers wait.",
                "Add a new column, write both by a trigger, fill the old rows by a backfill, let readers change over, and drop the old one.",
                null, column.Table, rebuilt.Count > 0 ? Work.IndexBuild : Work.Scan);
        }
    }
}
