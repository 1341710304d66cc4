using Projections.Migrations.Safety.Observing;

namespace Projections.Migrations.Safety.Rules.Breaks;

/// <summary>A statement fails on the copy.</summary>
internal sealed class StatementFails() : SafetyRule("statement-fails", SafetyGroup.Breaks, Severity.Error)
{
    public override bool JudgesDown => true;

    public override IEnumerable<Finding> Judge(ObservedStatement statement)
    {
        if (statement.Failure is { } failure && failure.SqlState != Npgsql.PostgresErrorCodes.ActiveSqlTransaction && failure.SqlState != "55P04")
        {
            yield return Find(
                statement, $"PostgreSQL refuses it: {failure.MessageText} ({failure.SqlState}).{(failure.Detail is null ? "" : $" {failure.Detail}")}",
                "Repair it. What comes after it could not be judged.");
        }
    }
}
