namespace Projections.Verification;

/// <summary>Which rows a repair is for; all that any of the parts names.</summary>
internal sealed record RepairScope
{
    /// <summary>Keys, a part a column with commas between them.</summary>
    public IReadOnlyList<string> Keys { get; init; } = [];

    /// <summary>Streams: all rows that their events are for.</summary>
    public IReadOnlyList<string> Streams { get; init; } = [];

    /// <summary>A tenant: all rows that its events are for. Reads the whole history.</summary>
    public string? Tenant { get; init; }

    /// <summary>The rows in which the version differs from the live one, or the live one from the newest beside it.</summary>
    public bool WhereDifferent { get; init; }

    public bool IsEmpty => Keys.Count == 0 && Streams.Count == 0 && Tenant is null && !WhereDifferent;
}
