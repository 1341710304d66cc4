using Projections.Migrations.Safety.Observing;

namespace Projections.Migrations.Safety.Rules.Breaks;

/// <summary>A whole database is dropped.</summary>
internal sealed class DatabaseDropped() : SafetyRule("database-dropped", SafetyGroup.Breaks, Severity.Error)
{
    public override IEnumerable<Finding> Judge(ObservedStatement statement)
    {
        if (statement.Statement.StartsWith("drop", "database"))
        {
            yield return Find(statement, "It drops a database with everything in it. It was not tried.", "No migration drops a database; do that by hand, when you are sure.");
        }
    }
}
