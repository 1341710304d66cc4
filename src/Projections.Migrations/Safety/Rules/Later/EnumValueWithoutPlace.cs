using Projections.Migrations.Safety.Observing;

namespace Projections.Migrations.Safety.Rules.Later;

/// <summary>A value is added to an enum without its place.</summary>
internal sealed class EnumValueWithoutPlace() : SafetyRule("enum-value-without-place", SafetyGroup.Later, Severity.Notice)
{
    public override IEnumerable<Finding> Judge(ObservedStatement statement)
    {
        if (statement.Statement.StartsWith("alter", "type") && statement.Statement.Has("add", "value") && !statement.Statement.Has("before") && !statement.Statement.Has("after"))
        {
            yield return Find(statement, "The value goes to the end, which is its place in every ORDER BY from now on; it cannot be moved.", "Say where it belongs: BEFORE or AFTER another value.");
        }
    }
}
