using Projections.Migrations.Safety.Observing;
using Projections.Postgres;

namespace Projections.Migrations.Safety.Rules.Blocks;

/// <summary>A foreign key is added and all rows are compared at once.</summary>
internal sealed class ForeignKeyValidated() : SafetyRule("foreign-key-validated", SafetyGroup.Blocks, Severity.Error)
{
    // With fitting indexes on both sides the comparison goes through those and not through the table.
    private static bool WasCompared(ObservedStatement statement, uint table) =>
        statement.Activity.GetValueOrDefault(table) is { } activity && activity.Scans + activity.Lookups > 0;

    public override IEnumerable<Finding> Judge(ObservedStatement statement)
    {
        var keys = statement.Changes.NewConstraints.Where(constraint =>
            constraint is { Kind: 'f', IsValidated: true } && statement.Existed(constraint.Table) && WasCompared(statement, constraint.Table));
        foreach (var key in keys.DistinctBy(key => (key.Table, key.Definition)))
        {
            var table = statement.QuotedNameOf(key.Table);
            yield return Find(
                statement,
                $"PostgreSQL went through {statement.NameOf(key.Table)} to compare its rows with {statement.NameOf(key.Referenced)}, while it held {statement.LockOn(key.Table).Name()} on it and {statement.LockOn(key.Referenced).Name()} on {statement.NameOf(key.Referenced)}: writers of both wait.",
                "Add the constraint NOT VALID, which holds for new rows at once, and validate it in the next migration.",
                $"ALTER TABLE {table} ADD CONSTRAINT {SqlName.Quote(key.Name)} {key.Definition} NOT VALID;\n-- and in the next migration:\nALTER TABLE {table} VALIDATE CONSTRAINT {SqlName.Quote(key.Name)};",
                key.Table, Work.Scan);
        }
    }
}
