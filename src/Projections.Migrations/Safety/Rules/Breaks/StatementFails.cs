using Projections.Migrations.Safety.Observing;
using Projections.Postgres;

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
                failure.IsAboutExisting
                    ? "If the database had it before it was migrated from here, 'projections migrate baseline' takes it over. What comes after it could not be judged."
                    : "Repair it. What comes after it could not be judged.");
        }
    }
}
