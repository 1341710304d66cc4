namespace Projections.Migrations.Tenants;

/// <summary>Which schemas are tenants, and how many are migrated at a time.</summary>
public sealed record TenantOptions
{
    /// <summary>A LIKE pattern for the names of tenants' schemas. The default is <c>tenant\_%</c>.</summary>
    public string SchemaPattern { get; init; } = @"tenant\_%";

    /// <summary>A query whose first column names the tenants' schemas; it replaces the pattern. The default is <c>null</c>.</summary>
    public string? SchemaQuery { get; init; }

    /// <summary>How many tenants are migrated at the same time, each on a connection of its own. The default is 8.</summary>
    public int Parallelism { get; init; } = 8;
}
