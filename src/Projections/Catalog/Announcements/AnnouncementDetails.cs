using System.Text.Json.Serialization;

namespace Projections.Catalog.Announcements;

/// <summary>What an announcement says beyond its kind; which of it is given depends on the kind.</summary>
internal sealed record AnnouncementDetails
{
    /// <summary>The version that was live before: of a switch or a rollback.</summary>
    public int? From { get; init; }

    /// <summary>A position as people are shown it: of a switch, of becoming ready, of the event that a version failed at, of the first late event.</summary>
    public string? Position { get; init; }

    /// <summary>The state before: of a failure, of a retirement.</summary>
    public string? State { get; init; }

    /// <summary>What went wrong: of a failure, of late events that cannot be folded in.</summary>
    public string? Error { get; init; }

    /// <summary>The verdict of a check.</summary>
    public string? Verdict { get; init; }

    /// <summary>The verdict of the check before.</summary>
    public string? VerdictBefore { get; init; }

    /// <summary>What a check found, and what to do about it.</summary>
    public IReadOnlyList<string>? Findings { get; init; }

    /// <summary>How far a check found it behind, in events.</summary>
    public long? LagEvents { get; init; }

    /// <summary>How far a check found it behind, in seconds.</summary>
    public double? LagSeconds { get; init; }

    /// <summary>The id of the command that ordered it: of ordered work.</summary>
    public Guid? CommandId { get; init; }

    /// <summary>What was ordered: of work that failed.</summary>
    public string? Verb { get; init; }

    /// <summary>The version with which one was compared; <c>null</c> when it was with its events.</summary>
    public int? ComparedWith { get; init; }

    /// <summary>How a comparison came out.</summary>
    public ComparedRows? Rows { get; init; }

    /// <summary>How many late events were folded in, or cannot be.</summary>
    public int? LateEvents { get; init; }

    /// <summary>How a repair came out.</summary>
    public RepairedRows? Repaired { get; init; }
}

[JsonSerializable(typeof(AnnouncementDetails))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
internal sealed partial class AnnouncementJson : JsonSerializerContext;
