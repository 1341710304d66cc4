using Projections.Migrations.Safety.Observing;

namespace Projections.Migrations.Safety.Rules.Breaks;

/// <summary>Row-level security is switched on for a table in use, and no policy lets anybody through.</summary>
internal sealed class RowSecurityWithoutPolicy() : SafetyRule("row-security-without-policy", SafetyGroup.Breaks, Severity.Error)
{
    public override IEnumerable<Finding> Judge(ObservedStatement statement)
    {
        foreach (var (_, table) in statement.Changes.KeptRelations.Where(pair =>
            !pair.Before.HasRowSecurity && pair.After.HasRowSecurity && statement.Existed(pair.Before.Oid)
            && statement.Final.Policies.Keys.All(policy => policy.Table != pair.Before.Oid)))
        {
            yield return Find(
                statement, $"{table.Readable} has row-level security and no policy when the migration is done: all but its owner see no row, and write none.",
                "Create the policies first, in the same migration.",
                $"CREATE POLICY … ON {table.Quoted} USING (…);\nALTER TABLE {table.Quoted} ENABLE ROW LEVEL SECURITY;", table.Oid);
        }
    }
}
