using Projections.Migrations.Files;
using Projections.Migrations.Parsing;
using Projections.Migrations.Safety.Catalog;

namespace Projections.Migrations.Safety.Observing;

/// <summary>What all statements of one observed file have in common.</summary>
internal sealed record StatementFrame(Migration Migration, MigrationFile File, Direction Direction, CatalogSnapshot Origin)
{
    public ObservedStatement Begin(SqlStatement statement, CatalogSnapshot before) => new()
    {
        Migration = Migration,
        File = File,
        Direction = Direction,
        Statement = statement,
        Origin = Origin,
        Before = before,
        After = before,
    };
}
