using Projections.Migrations.Safety.Observing;

namespace Projections.Migrations.Safety.Rules.Breaks;

/// <summary>A column may be NULL from now on, while code that reads it does not expect that.</summary>
internal sealed class NotNullDropped() : SafetyRule("not-null-dropped", SafetyGroup.Breaks, Severity.Error)
{
    public override IEnumerable<Finding> Judge(ObservedStatement statement)
    {
        foreach (var (_, column) in statement.Changes.KeptColumns.Where(pair =>
            pair.Before.IsRequired && !pair.After.IsRequired && statement.Existed(pair.After.Table)
            && statement.Origin.Columns.TryGetValue((pair.After.Table, pair.After.Number), out var origin) && origin.IsRequired))
        {
            yield return Find(
                statement,
                $"{statement.NameOf(column.Table)}.{column.Name} may be NULL from here on: code that reads it into something that cannot be empty fails on the first such row.",
                "First deploy code that reads NULL as well, then drop NOT NULL, and say so in the file.",
                $"-- safety: allow {Id} \"all readers take NULL since …\"", column.Table);
        }
    }
}
