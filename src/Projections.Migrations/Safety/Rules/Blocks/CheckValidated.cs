using Projections.Migrations.Safety.Observing;
using Projections.Postgres;

namespace Projections.Migrations.Safety.Rules.Blocks;

/// <summary>A CHECK constraint is added and all rows are checked at once.</summary>
internal sealed class CheckValidated() : SafetyRule("check-validated", SafetyGroup.Blocks, Severity.Error)
{
    public override IEnumerable<Finding> Judge(ObservedStatement statement)
    {
        foreach (var check in statement.Changes.NewConstraints.Where(constraint =>
            constraint is { Kind: 'c', IsValidated: true } && statement.Existed(constraint.Table) && statement.Scanned(constraint.Table)))
        {
            var table = statement.QuotedNameOf(check.Table);
            yield return Find(
                statement,
                $"PostgreSQL went through all of {statement.NameOf(check.Table)} to check {check.Name} while it held {statement.LockOn(check.Table).Name()} on it: {statement.LockOn(check.Table).Victims()}.",
                "Add the constraint NOT VALID, which holds for new rows at once, and validate it in the next migration: that reads the table while others read and write.",
                $"ALTER TABLE {table} ADD CONSTRAINT {SqlName.Quote(check.Name)} {check.Definition} NOT VALID;\n-- and in the next migration:\nALTER TABLE {table} VALIDATE CONSTRAINT {SqlName.Quote(check.Name)};",
                check.Table, Work.Scan);
        }
    }
}
