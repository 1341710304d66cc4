using Projections.Migrations.Safety.Observing;

namespace Projections.Migrations.Safety.Rules.Later;

/// <summary>Made-up rows did not satisfy what the statement asks; real ones may not either.</summary>
internal sealed class DependsOnRows() : SafetyRule("depends-on-rows", SafetyGroup.Later, Severity.Notice)
{
    public override IEnumerable<Finding> Judge(ObservedStatement statement)
    {
        var isExplained = statement.Changes.NewColumns.Any(column => column is { IsRequired: true, FillsItself: false });
        if (statement.RowsRefused is { } refused && !isExplained)
        {
            yield return Find(statement, $"With made-up rows PostgreSQL refused it ({refused.MessageText}); it was judged without what it does to them.", "See that the real rows satisfy it: 'migrate verify --sample FILE' tries it with rows of yours.");
        }
    }
}
