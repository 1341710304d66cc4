using Projections.Migrations.Safety.Catalog;
using Projections.Migrations.Safety.Observing;

namespace Projections.Migrations.Safety.Rules.Breaks;

/// <summary>Row-level security is switched on for a table in use, and no policy lets anybody through, or none a role that reads it.</summary>
internal sealed class RowSecurityWithoutPolicy() : SafetyRule("row-security-without-policy", SafetyGroup.Breaks, Severity.Error)
{
    public override IEnumerable<Finding> Judge(ObservedStatement statement)
    {
        foreach (var (_, table) in statement.Changes.KeptRelations.Where(pair =>
            !pair.Before.HasRowSecurity && pair.After.HasRowSecurity && statement.Existed(pair.Before.Oid)))
        {
            if (WhatIsHidden(statement, table) is { } what)
            {
                yield return Find(
                    statement, what, "Create the policies first, in the same migration.",
                    $"CREATE POLICY … ON {table.Quoted} USING (…);\nALTER TABLE {table.Quoted} ENABLE ROW LEVEL SECURITY;", table.Oid);
            }
        }
    }

    private static string? WhatIsHidden(ObservedStatement statement, CatalogRelation table)
    {
        var blind = string.Join(", ", statement.Losses.Blind.Where(loss => loss.Table == table.Oid).Select(loss => loss.Role).Order(StringComparer.Ordinal));
        if (statement.Final.Policies.Keys.All(policy => policy.Table != table.Oid))
        {
            return $"{table.Readable} has row-level security and no policy when the migration is done: all but its owner see no row, and write none.{(blind.Length == 0 ? "" : $" It has been read by {blind}.")}";
        }

        return blind.Length == 0 ? null : $"{table.Readable} has row-level security when the migration is done, and no policy for {blind}, to whom it shows no row any more.";
    }
}
