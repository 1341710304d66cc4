namespace Projections.Migrations.Files;

/// <summary>A file with what its name says.</summary>
internal sealed record NamedFile(long Version, string Number, string Name, MigrationFile File);
