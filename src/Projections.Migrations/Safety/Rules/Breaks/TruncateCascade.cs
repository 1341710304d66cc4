using Projections.Migrations.Safety.Observing;

namespace Projections.Migrations.Safety.Rules.Breaks;

/// <summary>TRUNCATE … CASCADE empties tables that it does not name.</summary>
internal sealed class TruncateCascade() : SafetyRule("truncate-cascade", SafetyGroup.Breaks, Severity.Error)
{
    public override IEnumerable<Finding> Judge(ObservedStatement statement)
    {
        if (statement.Statement.StartsWith("truncate") && statement.Statement.Has("cascade"))
        {
            yield return Find(
                statement,
                $"It empties every table that points to those it names, and those that point to them: here {string.Join(", ", statement.RewrittenTables.Select(table => table.Readable))}. One more foreign key tomorrow, and it empties one more table.",
                "Name every table, without CASCADE.");
        }
    }
}
