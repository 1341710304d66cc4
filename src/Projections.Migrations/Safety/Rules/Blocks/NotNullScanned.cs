using Projections.Migrations.Safety.Observing;
using Projections.Postgres;

namespace Projections.Migrations.Safety.Rules.Blocks;

/// <summary>A column is made NOT NULL and all rows are looked at for it.</summary>
internal sealed class NotNullScanned() : SafetyRule("not-null-scanned", SafetyGroup.Blocks, Severity.Error)
{
    public override IEnumerable<Finding> Judge(ObservedStatement statement)
    {
        foreach (var column in statement.Changes.NowRequiredColumns.Where(column =>
            statement.Existed(column.Table) && statement.Scanned(column.Table) && !statement.Rewrote(column.Table)))
        {
            var (table, name) = (statement.QuotedNameOf(column.Table), SqlName.Quote(column.Name));
            var check = SqlName.Quote($"{column.Name}_not_null");
            yield return Find(
                statement,
                $"PostgreSQL went through all of {statement.NameOf(column.Table)} to see that {column.Name} is nowhere NULL while it held ACCESS EXCLUSIVE on it: readers and writers wait.",
                "Prove it first with a CHECK constraint that is added NOT VALID and validated in the next migration; with that proof PostgreSQL makes the column NOT NULL without looking at a row.",
                $"ALTER TABLE {table} ADD CONSTRAINT {check} CHECK ({name} IS NOT NULL) NOT VALID;\n-- in the next migration:\nALTER TABLE {table} VALIDATE CONSTRAINT {check};\n-- and in the one after it:\nALTER TABLE {table} ALTER COLUMN {name} SET NOT NULL;\nALTER TABLE {table} DROP CONSTRAINT {check};",
                column.Table, Work.Scan);
        }
    }
}
