using Projections.Migrations.Safety.Catalog;
using Projections.Migrations.Safety.Observing;
using Projections.Postgres;

namespace Projections.Migrations.Safety.Rules.Blocks;

/// <summary>A new column has a default that must be computed for each row.</summary>
internal sealed class VolatileDefaultRewrites() : RewriteRule("volatile-default-rewrites")
{
    protected override (string Why, string Way, string? Sql)? Cause(ObservedStatement statement, CatalogRelation table) =>
        NewColumns(statement, table).FirstOrDefault(column => column is { IsGenerated: false, IsSerial: false, IsIdentity: false, Default: not null }) is { } column
            ? ($"The default of {column.Name} is computed for each row.",
               "Add the column without a default, set the default for new rows, and fill the old ones by a backfill.",
               $"ALTER TABLE {table.Quoted} ADD COLUMN {SqlName.Quote(column.Name)} {column.Type};\nALTER TABLE {table.Quoted} ALTER COLUMN {SqlName.Quote(column.Name)} SET DEFAULT {column.Default};")
            : null;
}
