using Projections.Migrations.Parsing;
using Projections.Migrations.Safety.Observing;

namespace Projections.Migrations.Safety.Rules.Later;

/// <summary>Two ALTER TABLE of one table that could be one.</summary>
internal sealed class SeveralAlterTables() : SafetyRule("several-alter-tables", SafetyGroup.Later, Severity.Notice)
{
    private static string? TableOf(SqlStatement statement) =>
        statement.StartsWith("alter", "table") && !statement.Has("rename") ? SqlNames.QualifiedAt(statement, SqlNames.SkipIfExists(statement, 2)) : null;

    public override IEnumerable<Finding> Judge(ObservedStatement statement)
    {
        if (!statement.InTransaction || TableOf(statement.Statement) is not { } table)
        {
            yield break;
        }

        var statements = statement.File.Statements;
        var at = statements.ToList().IndexOf(statement.Statement);
        if (at > 0 && TableOf(statements[at - 1]) == table)
        {
            yield return Find(statement, $"The statement before it alters {table} as well; where both go through the rows, one ALTER TABLE with both changes does so once.", "Put both changes into one ALTER TABLE.");
        }
    }
}
