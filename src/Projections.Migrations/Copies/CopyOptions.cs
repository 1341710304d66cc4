namespace Projections.Migrations.Copies;

/// <summary>How the throw-away copy of a schema is made, on which migrations are tried.</summary>
public sealed record CopyOptions
{
    /// <summary>The connection string of the server that holds the copy, with the right to create databases; the default, <c>null</c>,
    /// is the server of the service's database.</summary>
    public string? Server { get; init; }

    /// <summary>Where the schema comes from. The default is the database.</summary>
    public CopySource Source { get; init; }

    /// <summary>A file with statements that put real rows into the copy before anything is tried; the default is <c>null</c>.</summary>
    public string? SampleFile { get; init; }

    /// <summary>The path of <c>pg_dump</c>. The default is to look for it on the PATH.</summary>
    public string PgDump { get; init; } = "pg_dump";
}

/// <summary>Where the schema of a throw-away copy comes from.</summary>
public enum CopySource
{
    /// <summary>From the database itself, by <c>pg_dump --schema-only</c>: other services' objects are there as well. The default.</summary>
    Database,

    /// <summary>From the migrations that are applied, replayed into an empty database: no access to the real one is needed.</summary>
    Migrations,

    /// <summary>No copy at all: empty tables stand in for the service's, in a transaction of its own database that is rolled back. It sees nothing
    /// that depends on rows and nothing that runs outside of transactions, and needs no right to create databases.</summary>
    Transaction,
}
