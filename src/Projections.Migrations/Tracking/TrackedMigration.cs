using Projections.Migrations.Files;

namespace Projections.Migrations.Tracking;

/// <summary>A row of the tracking table.</summary>
public sealed record TrackedMigration
{
    public required long Version { get; init; }

    public required string Name { get; init; }

    /// <summary>SHA-256 over the bytes of the file as it was applied.</summary>
    public required string Checksum { get; init; }

    /// <summary>SHA-256 over its text with LF line ends.</summary>
    public required string ChecksumNormalised { get; init; }

    public required TrackedState State { get; init; }

    public required DateTime AppliedAt { get; init; }

    public required TimeSpan ExecutionTime { get; init; }

    public required string AppliedBy { get; init; }

    public required string ToolVersion { get; init; }

    /// <summary>The journal of a migration without a transaction: the digests of its finished statements.</summary>
    public IReadOnlyList<string> Finished { get; init; } = [];

    /// <summary>The digest of the statement that was running outside a transaction when the journal was last written.</summary>
    public string? InFlight { get; init; }

    /// <summary>The server process that ran it.</summary>
    public int? InFlightPid { get; init; }

    /// <summary>In a backfill, the last key that is done, as text.</summary>
    public string? LastKey { get; init; }

    /// <summary>In a backfill, the highest key that there was when it began, as text.</summary>
    public string? EndKey { get; init; }

    /// <summary>In a backfill, the rows walked so far.</summary>
    public long RowsDone { get; init; }

    /// <summary>Why the migration was applied although the safety check found it unsafe.</summary>
    public string? SafetySkipped { get; init; }

    /// <summary>What was done to the row by hand, a line each: that the migration was marked as applied, that its checksum was repaired, by whom and why.</summary>
    public string? Remark { get; init; }

    /// <summary>SHA-256 over the text of its way back with LF line ends, as it was when it was applied; <c>null</c> where nobody knows, or there was none.</summary>
    public string? DownChecksum { get; init; }

    /// <summary>Whether the way back reads differently than when the migration was applied.</summary>
    public bool HasOtherWayBack(Migration migration)
    {
        ArgumentNullException.ThrowIfNull(migration);
        return DownChecksum is not null && migration.Down is { } down && down.Checksums.Normalised != DownChecksum;
    }
}

/// <summary>How far a tracked migration has come. The names stand in small letters in the tracking table.</summary>
public enum TrackedState
{
    /// <summary>Applied.</summary>
    Done,

    /// <summary>Begun, statement by statement or batch by batch, and not finished: running now, or interrupted.</summary>
    Started,

    /// <summary>Its way back has begun and is not finished.</summary>
    Reverting,
}
