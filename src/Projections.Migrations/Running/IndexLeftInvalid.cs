namespace Projections.Migrations.Running;

/// <summary>An index was built concurrently and is invalid all the same.</summary>
public sealed class IndexLeftInvalid(string index) : Exception(
    $"{index} is invalid after it was built, so no query uses it while every writer pays for it. Run the migration again: it drops the index and builds it anew.");
