namespace Projections.Migrations.Adoption;

/// <summary>What <c>projections migrate baseline</c> asks for: the last migration that is applied already, or the table that says which are.</summary>
public sealed record BaselineRequest
{
    /// <summary>The last version that the database has already; <c>null</c>, the default, where <see cref="FromTable"/> says it.</summary>
    public long? To { get; init; }

    /// <summary>The tracking table of another tool, whose history is taken over; <c>null</c>, the default, for none.</summary>
    public string? FromTable { get; init; }

    /// <summary>Why it is no matter that the schema is not what the migrations make, for the tracking rows; <c>null</c>, the default, when it is one.</summary>
    public string? DespiteDifferences { get; init; }
}
