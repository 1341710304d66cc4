using Projections.Migrations.Safety.Observing;
using Projections.Postgres;

namespace Projections.Migrations.Safety.Rules.Blocks;

/// <summary>A constraint is validated while its transaction holds a lock that is stronger than validating needs.</summary>
internal sealed class ValidatedUnderLock() : SafetyRule("validated-under-lock", SafetyGroup.Blocks, Severity.Error)
{
    public override IEnumerable<Finding> Judge(ObservedStatement statement)
    {
        foreach (var constraint in statement.Changes.NowValidConstraints.Where(constraint => statement.Existed(constraint.Table)))
        {
            var blocked = statement.LockOn(constraint.Table) >= statement.LockOn(constraint.Referenced) ? constraint.Table : constraint.Referenced;
            if (statement.LockOn(blocked) < LockMode.Share || !statement.Existed(blocked))
            {
                continue;
            }

            yield return Find(
                statement,
                $"It goes through all of {statement.NameOf(constraint.Table)} to validate {constraint.Name} while the transaction holds {statement.LockOn(blocked).Name()} on {statement.NameOf(blocked)}: {statement.LockOn(blocked).Victims()}. Alone, validating takes SHARE UPDATE EXCLUSIVE and blocks nobody.",
                "Validate in a migration of its own, after the one that added the constraint NOT VALID.",
                $"ALTER TABLE {statement.QuotedNameOf(constraint.Table)} VALIDATE CONSTRAINT {SqlName.Quote(constraint.Name)};",
                constraint.Table, Work.Scan);
        }
    }
}
