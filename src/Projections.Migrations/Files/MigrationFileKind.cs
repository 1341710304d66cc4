namespace Projections.Migrations.Files;

/// <summary>What a file of a migration is for, as the end of its name says.</summary>
public enum MigrationFileKind
{
    /// <summary><c>.up.sql</c></summary>
    Up,

    /// <summary><c>.down.sql</c></summary>
    Down,

    /// <summary><c>.backfill.sql</c>: moves data in batches.</summary>
    Backfill,

    /// <summary><c>.backfill.down.sql</c>: moves it back, where that is needed.</summary>
    BackfillDown,

    /// <summary><c>R__….sql</c>: runs again whenever its text has changed.</summary>
    Repeatable,
}
