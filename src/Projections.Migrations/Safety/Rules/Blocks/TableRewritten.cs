using Projections.Migrations.Safety.Catalog;
using Projections.Migrations.Safety.Observing;

namespace Projections.Migrations.Safety.Rules.Blocks;

/// <summary>A table is written anew for another cause: its access method, its persistence, a column with a constrained domain.</summary>
internal sealed class TableRewritten() : RewriteRule("table-rewritten")
{
    protected override (string Why, string Way, string? Sql)? Cause(ObservedStatement statement, CatalogRelation table) =>
        NewColumns(statement, table).All(column => column.Default is null && !column.IsIdentity) && !RetypedColumns(statement, table).Any()
            ? ("", "Make a new table beside it, move the rows in batches, and swap the names.", null)
            : null;
}
