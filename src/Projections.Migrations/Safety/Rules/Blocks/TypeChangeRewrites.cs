using Projections.Migrations.Safety.Catalog;
using Projections.Migrations.Safety.Observing;
using Projections.Postgres;

namespace Projections.Migrations.Safety.Rules.Blocks;

/// <summary>A column gets a type that is stored differently.</summary>
internal sealed class TypeChangeRewrites() : RewriteRule("type-change-rewrites")
{
    protected override (string Why, string Way, string? Sql)? Cause(ObservedStatement statement, CatalogRelation table) =>
        RetypedColumns(statement, table).FirstOrDefault() is { } column
            ? ($"{column.Name} became {column.Type}, which is stored differently from {statement.Before.Columns[(column.Table, column.Number)].Type}.",
               "Add a new column, write both by a trigger, fill the old rows by a backfill, let readers change over, and drop the old one.",
               $"ALTER TABLE {table.Quoted} ADD COLUMN {SqlName.Quote($"{column.Name}_new")} {column.Type};")
            : null;
}
