using Projections.Migrations.Safety.Observing;

namespace Projections.Migrations.Safety.Rules.Later;

/// <summary>A statement changes the server, beyond the database that the migration belongs to.</summary>
internal sealed class ServerTouched() : SafetyRule("server-touched", SafetyGroup.Later, Severity.Warning)
{
    public override IEnumerable<Finding> Judge(ObservedStatement statement)
    {
        if (statement.IsLeftOut)
        {
            yield return Find(statement, "It changes the whole server and not only this database, so it was not tried on the copy, and taking the migration back on one database changes all.", "Keep roles, databases and settings of the server out of migrations.");
        }
    }
}
