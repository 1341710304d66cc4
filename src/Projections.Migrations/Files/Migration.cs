namespace Projections.Migrations.Files;

/// <summary>One numbered step of a service's schema or data, with its way back; or a repeatable one, which has neither.</summary>
/// <param name="Version">Its number: a place in a sequence, or a timestamp such as 20261121083000. A repeatable one has a number made of its name, behind all others.</param>
/// <param name="Number">The number as it stands in the file's name, with its zeros.</param>
/// <param name="Name">What it does, in small letters with underscores.</param>
/// <param name="Up">The file that goes forward: <c>.up.sql</c>, <c>.backfill.sql</c> or <c>R__….sql</c>.</param>
/// <param name="Down">The file that goes back; <c>null</c> for a backfill that leaves nothing to take back, and for a repeatable one.</param>
public sealed record Migration(long Version, string Number, string Name, MigrationFile Up, MigrationFile? Down)
{
    /// <summary>The numbers from here on are those of repeatable migrations; a file's name has 18 digits at most.</summary>
    internal const long FirstRepeatable = 1L << 62;

    /// <summary>How messages call it: <c>003_add_total</c>.</summary>
    public string Id => $"{Number}_{Name}";

    public bool IsBackfill => Up.Kind == MigrationFileKind.Backfill;

    /// <summary>Whether it runs again whenever its text has changed, after all that have numbers.</summary>
    public bool IsRepeatable => Up.Kind == MigrationFileKind.Repeatable;

    /// <summary>The repeatable migrations that make what this one, repeatable too, uses. Where one of them runs again, so does this one.</summary>
    public IReadOnlyList<Migration> Uses { get; init; } = [];

    public bool EachTenant => Up.FrontMatter.EachTenant;

    public override string ToString() => Id;
}
