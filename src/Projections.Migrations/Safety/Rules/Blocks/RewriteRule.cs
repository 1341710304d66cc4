using Projections.Migrations.Safety.Catalog;
using Projections.Migrations.Safety.Observing;

namespace Projections.Migrations.Safety.Rules.Blocks;

/// <summary>The frame of the rules that see a table written anew, each for one cause.</summary>
internal abstract class RewriteRule(string id) : SafetyRule(id, SafetyGroup.Blocks, Severity.Error)
{
    public override IEnumerable<Finding> Judge(ObservedStatement statement)
    {
        // A block or a procedure may hold ALTER TABLE; VACUUM, CLUSTER, REFRESH and their kin have rules of their own.
        if (!statement.Statement.StartsWith("alter") && !statement.Statement.StartsWith("do") && !statement.Statement.StartsWith("call"))
        {
            yield break;
        }

        foreach (var table in statement.RewrittenTables)
        {
            if (Cause(statement, table) is var (why, way, sql))
            {
                yield return Find(
                    statement,
                    $"PostgreSQL wrote all of {table.Readable} and its indexes anew (its file changed) while it held ACCESS EXCLUSIVE on it: readers and writers wait. {why}",
                    way, sql, table.Oid, Work.Rewrite);
            }
        }
    }

    /// <returns>Why it was rewritten, and what to do instead; <c>null</c> when this rule's cause is not the cause.</returns>
    protected abstract (string Why, string Way, string? Sql)? Cause(ObservedStatement statement, CatalogRelation table);

    protected static IEnumerable<CatalogColumn> NewColumns(ObservedStatement statement, CatalogRelation table) =>
        statement.Changes.NewColumns.Where(column => column.Table == table.Oid);

    protected static IEnumerable<CatalogColumn> RetypedColumns(ObservedStatement statement, CatalogRelation table) =>
        statement.Changes.RetypedColumns.Where(column => column.Table == table.Oid);
}
