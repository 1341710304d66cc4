using Projections.Migrations.Safety.Observing;

namespace Projections.Migrations.Safety.Rules.Later;

/// <summary>A new enum value is used in the transaction that adds it.</summary>
internal sealed class EnumValueUsedAtOnce() : SafetyRule("enum-value-used-at-once", SafetyGroup.Later, Severity.Error)
{
    public override IEnumerable<Finding> Judge(ObservedStatement statement)
    {
        if (statement.Failure?.SqlState == "55P04")
        {
            yield return Find(statement, $"PostgreSQL refuses it: {statement.Failure.MessageText}.", "Use the value in the next migration.");
        }
    }
}
