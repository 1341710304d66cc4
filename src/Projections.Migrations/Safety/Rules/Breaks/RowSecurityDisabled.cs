using Projections.Migrations.Safety.Observing;

namespace Projections.Migrations.Safety.Rules.Breaks;

/// <summary>Row-level security is switched off, or loses a policy.</summary>
internal sealed class RowSecurityDisabled() : SafetyRule("row-security-disabled", SafetyGroup.Breaks, Severity.Error)
{
    public override IEnumerable<Finding> Judge(ObservedStatement statement)
    {
        foreach (var (_, table) in statement.Changes.KeptRelations.Where(pair =>
            pair.Before.HasRowSecurity && !pair.After.HasRowSecurity && statement.Origin.Relations.GetValueOrDefault(pair.Before.Oid) is { HasRowSecurity: true }))
        {
            yield return Find(
                statement, $"Row-level security of {table.Readable} is off: every tenant sees every row.",
                "Leave it on; give those who need all rows a policy or a role with BYPASSRLS.",
                $"ALTER TABLE {table.Quoted} ENABLE ROW LEVEL SECURITY;", table.Oid);
        }

        foreach (var ((table, name), _) in statement.Before.Policies.Where(pair =>
            !statement.Final.Policies.ContainsKey(pair.Key) && !statement.After.Policies.ContainsKey(pair.Key) && statement.Origin.Policies.ContainsKey(pair.Key) && statement.After.HasTable(pair.Key.Table)))
        {
            yield return Find(
                statement, $"The policy {name} of {statement.NameOf(table)} is gone: who sees which rows changes.",
                "Create its successor in the same migration, and test it with each role.", null, table, severity: Severity.Warning);
        }
    }
}
