namespace Projections.Migrations.Copies;

/// <summary>The schema could not be read with <c>pg_dump</c>.</summary>
public sealed class PgDumpFailed(string message) : Exception(
    $"{message} Install PostgreSQL's client programs of the server's version, name pg_dump with --pg-dump, or replay the applied migrations instead with '--copy migrations'.");
