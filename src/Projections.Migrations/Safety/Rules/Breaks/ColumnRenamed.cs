using Projections.Migrations.Safety.Observing;
using Projections.Postgres;

namespace Projections.Migrations.Safety.Rules.Breaks;

/// <summary>A column gets another name while code uses the old one.</summary>
internal sealed class ColumnRenamed() : SafetyRule("column-renamed", SafetyGroup.Breaks, Severity.Error)
{
    public override IEnumerable<Finding> Judge(ObservedStatement statement)
    {
        foreach (var (before, after) in statement.Changes.KeptColumns.Where(pair =>
            pair.Before.Name != pair.After.Name && statement.Existed(pair.After.Table) && statement.Origin.Columns.ContainsKey((pair.Before.Table, pair.Before.Number))))
        {
            var isReplaced = statement.Final.Columns.Values.Any(column => column.Table == after.Table && column.Name == before.Name);
            yield return Find(
                statement,
                isReplaced
                    ? $"{statement.NameOf(after.Table)}.{before.Name} is called {after.Name} now, and another column has its name when the migration is done: code that names it meets that."
                    : $"{statement.NameOf(after.Table)}.{before.Name} is called {after.Name} now: code that names the old one fails at once, and code for the new one fails before.",
                "Expand and contract: add the new column, write both by a trigger, fill it by a backfill, let readers change over, and drop the old one.",
                $"ALTER TABLE {statement.QuotedNameOf(after.Table)} ADD COLUMN {SqlName.Quote(after.Name)} {after.Type};", after.Table,
                severity: isReplaced ? Severity.Warning : Severity.Error);
        }
    }
}
