using Projections.Migrations.Safety.Catalog;
using Projections.Migrations.Safety.Observing;
using Projections.Postgres;

namespace Projections.Migrations.Safety.Rules.Blocks;

/// <summary>A new column numbers all rows: serial or identity.</summary>
internal sealed class NumberedColumnRewrites() : RewriteRule("numbered-column-rewrites")
{
    protected override (string Why, string Way, string? Sql)? Cause(ObservedStatement statement, CatalogRelation table) =>
        NewColumns(statement, table).FirstOrDefault(column => column.IsSerial || column.IsIdentity) is { } column
            ? ($"Each row gets its number in {column.Name}.",
               "Add a plain bigint column, number new rows by a sequence as its default and the old ones by a backfill, then build a unique index concurrently.",
               $"CREATE SEQUENCE {SqlName.Quote($"{table.Name}_{column.Name}_seq")};\nALTER TABLE {table.Quoted} ADD COLUMN {SqlName.Quote(column.Name)} bigint;\nALTER TABLE {table.Quoted} ALTER COLUMN {SqlName.Quote(column.Name)} SET DEFAULT nextval('{SqlName.Quote($"{table.Name}_{column.Name}_seq").Replace("'", "''", StringComparison.Ordinal)}');")
            : null;
}
