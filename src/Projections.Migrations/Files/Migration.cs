namespace Projections.Migrations.Files;

/// <summary>One numbered step of a service's schema or data, with its way back.</summary>
/// <param name="Version">Its number: a place in a sequence, or a timestamp such as 20261121083000.</param>
/// <param name="Number">The number as it stands in the file's name, with its zeros.</param>
/// <param name="Name">What it does, in small letters with underscores.</param>
/// <param name="Up">The file that goes forward: <c>.up.sql</c> or <c>.backfill.sql</c>.</param>
/// <param name="Down">The file that goes back; <c>null</c> only for a backfill that leaves nothing to take back.</param>
public sealed record Migration(long Version, string Number, string Name, MigrationFile Up, MigrationFile? Down)
{
    /// <summary>How messages call it: <c>003_add_total</c>.</summary>
    public string Id => $"{Number}_{Name}";

    public bool IsBackfill => Up.Kind == MigrationFileKind.Backfill;

    public bool EachTenant => Up.FrontMatter.EachTenant;

    public override string ToString() => Id;
}
