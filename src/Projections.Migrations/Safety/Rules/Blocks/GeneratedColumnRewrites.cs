using Projections.Migrations.Safety.Catalog;
using Projections.Migrations.Safety.Observing;

namespace Projections.Migrations.Safety.Rules.Blocks;

/// <summary>A new column is computed from others and stored.</summary>
internal sealed class GeneratedColumnRewrites() : RewriteRule("generated-column-rewrites")
{
    protected override (string Why, string Way, string? Sql)? Cause(ObservedStatement statement, CatalogRelation table) =>
        NewColumns(statement, table).FirstOrDefault(column => column.IsGenerated) is { } column
            ? ($"The stored value of {column.Name} is computed for each row.",
               "Add a plain column that a trigger fills, and fill the old rows by a backfill; or compute the value when it is read, in a view or, from PostgreSQL 18 on, in a VIRTUAL column.",
               null)
            : null;
}
