namespace Projections.Migrations.Copies;

/// <summary>Where the schema of a throw-away copy comes from.</summary>
public enum CopySource
{
    /// <summary>From the database itself, by <c>pg_dump --schema-only</c>: other services' objects are there as well. The default.</summary>
    Database,

    /// <summary>From the migrations that are applied, replayed into an empty database: no access to the real one is needed.</summary>
    Migrations,
}
