using Projections.Migrations.Execution.Stepwise;
using Projections.Migrations.Safety.Observing;

namespace Projections.Migrations.Safety.Rules.Later;

/// <summary>A statement outside a transaction of which nobody could tell after a crash whether it finished.</summary>
internal sealed class NotRepeatable() : SafetyRule("not-repeatable", SafetyGroup.Later, Severity.Warning)
{
    public override IEnumerable<Finding> Judge(ObservedStatement statement)
    {
        var isKnown = statement.Statement.Has("concurrently") || InterruptedStatement.IsRepeatable(statement.Statement);
        if (statement.RanOutside && !isKnown)
        {
            yield return Find(
                statement, "If the runner dies while it runs, nothing tells whether it finished, and somebody must look.",
                "Write it so that it can run twice, with IF [NOT] EXISTS; or keep it alone in its migration.");
        }
    }
}
