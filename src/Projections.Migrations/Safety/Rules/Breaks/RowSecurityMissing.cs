using Projections.Migrations.Safety.Observing;

namespace Projections.Migrations.Safety.Rules.Breaks;

/// <summary>A new table has no row-level security where its siblings have it.</summary>
internal sealed class RowSecurityMissing() : SafetyRule("row-security-missing", SafetyGroup.Breaks, Severity.Warning)
{
    public override IEnumerable<Finding> Judge(ObservedStatement statement)
    {
        foreach (var table in statement.Changes.NewRelations.Where(relation => relation.Kind is 'r' or 'p' && relation.Parent == 0))
        {
            var protectedSiblings = statement.Origin.Relations.Values.Where(sibling => sibling.Schema == table.Schema && sibling is { HasRowSecurity: true, IsTable: true }).ToList();
            var columns = statement.After.ColumnsOf(table.Oid).Select(column => column.Name).ToHashSet();
            var like = protectedSiblings.FirstOrDefault(sibling => statement.Origin.ColumnsOf(sibling.Oid).Any(column => column.Name.Contains("tenant", StringComparison.Ordinal) && columns.Contains(column.Name)));
            if (like is not null && statement.Final.Relations.TryGetValue(table.Oid, out var final) && !final.HasRowSecurity)
            {
                yield return Find(
                    statement, $"{table.Readable} has a tenant's column like {like.Readable}, but no row-level security when the migration is done: every tenant sees every row.",
                    "Switch it on, for the owner as well, with a policy like its sibling's.",
                    $"ALTER TABLE {table.Quoted} ENABLE ROW LEVEL SECURITY;\nALTER TABLE {table.Quoted} FORCE ROW LEVEL SECURITY;", table.Oid);
            }
        }
    }
}
