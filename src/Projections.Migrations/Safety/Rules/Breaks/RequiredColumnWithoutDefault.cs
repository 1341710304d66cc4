using Projections.Migrations.Safety.Observing;
using Projections.Postgres;

namespace Projections.Migrations.Safety.Rules.Breaks;

/// <summary>A column that must be filled and does not fill itself is new to code that inserts.</summary>
internal sealed class RequiredColumnWithoutDefault() : SafetyRule("required-column-without-default", SafetyGroup.Breaks, Severity.Error)
{
    public override IEnumerable<Finding> Judge(ObservedStatement statement)
    {
        var added = statement.Changes.NewColumns.Where(column => column is { IsRequired: true, FillsItself: false });
        var lostDefault = statement.Changes.KeptColumns.Where(pair => pair.After is { IsRequired: true, FillsItself: false } && pair.Before.FillsItself).Select(pair => pair.After);
        foreach (var column in added.Concat(lostDefault).Where(column => statement.Existed(column.Table)))
        {
            var proof = statement.RowsRefused is { } refused ? $" PostgreSQL refused it as long as the table had rows: {refused.MessageText}." : "";
            yield return Find(
                statement,
                $"{statement.NameOf(column.Table)}.{column.Name} must be filled and has no default: code that does not know it cannot insert any more.{proof}",
                "Give it a default, which costs nothing when it is constant; or add it without NOT NULL, and make it required when all code fills it.",
                $"ALTER TABLE {statement.QuotedNameOf(column.Table)} ADD COLUMN {SqlName.Quote(column.Name)} {column.Type} NOT NULL DEFAULT …;", column.Table);
        }
    }
}
