namespace Projections.Migrations.Safety;

/// <summary>What <c>projections migrate check</c> is to judge.</summary>
public sealed record SafetyRequest
{
    /// <summary>The connection string of the service's database; <c>null</c>, the default, to begin with an empty one.</summary>
    public string? Database { get; init; }

    /// <summary>The last migration to take as applied; <c>null</c>, the default, to look into the database.</summary>
    public long? AppliedTo { get; init; }

    /// <summary>The last migration to judge; <c>null</c>, the default, for all that are pending.</summary>
    public long? To { get; init; }

    /// <summary>The connection string of the database whose table sizes count; <c>null</c>, the default, for none.</summary>
    public string? Against { get; init; }
}
