using Projections.Migrations.Safety.Observing;

namespace Projections.Migrations.Safety.Rules.Blocks;

/// <summary>A statement that no transaction holds stands in a migration that is one.</summary>
internal sealed class ConcurrentlyInTransaction() : SafetyRule("concurrently-in-transaction", SafetyGroup.Blocks, Severity.Error)
{
    public override IEnumerable<Finding> Judge(ObservedStatement statement)
    {
        if (statement.Failure?.SqlState == Npgsql.PostgresErrorCodes.ActiveSqlTransaction && !statement.File.FrontMatter.WithoutTransaction)
        {
            yield return Find(
                statement,
                $"PostgreSQL refuses it: {statement.Failure.MessageText}.",
                "Put '-- transaction: none' at the top of the file, and keep only such statements in it.",
                $"-- transaction: none\n{statement.Statement.Text};");
        }
    }
}
