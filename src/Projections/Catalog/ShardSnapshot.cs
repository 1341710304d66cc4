using System.Globalization;
using System.Text.Json;
using Projections.Definitions;
using Projections.Events;

namespace Projections.Catalog;

/// <summary>What names a shard: its version, and the lowest hash of its streams.</summary>
internal readonly record struct ShardId(VersionId Version, long From)
{
    /// <summary>What it is called among the shards of its version: <c>80000000</c>.</summary>
    public string Name => string.Create(CultureInfo.InvariantCulture, $"{From - StreamShare.Least:x8}");

    /// <summary>What people are shown: <c>invoice_summary v2, shard 80000000</c>.</summary>
    public override string ToString() => $"{Version}, shard {Name}";
}

/// <summary>A shard's row in the catalog, as it was when it was read: a part of a version's streams whose history is replayed by itself.</summary>
internal sealed record ShardSnapshot
{
    /// <summary>A row of <c>projections.shard</c>, under the alias <c>s</c>, as it is read.</summary>
    public const string Json = "to_jsonb(s) || jsonb_build_object('leased', coalesce(s.lease_until > clock_timestamp(), false))";

    public required ShardId Id { get; init; }

    /// <summary>What lies behind the highest hash of its streams.</summary>
    public required long To { get; init; }

    /// <summary>The checkpoint, or <c>null</c>.</summary>
    public EventPosition? Checkpoint { get; init; }

    /// <summary>Where it ends.</summary>
    public required EventPosition End { get; init; }

    /// <summary>The last event that went by, by which the source's history is recognised.</summary>
    public EventFingerprint? Last { get; init; }

    public string? Activity { get; init; }

    public long EventsDone { get; init; }

    public long EventsInProgress { get; init; }

    /// <summary>Up to where events are folded and not yet committed; <c>null</c> where there are none.</summary>
    public EventPosition? FoldedThrough { get => EventsInProgress > 0 ? field : null; init; }

    public double? EventsPerSecond { get; init; }

    public string? LeaseHolder { get; init; }

    public LeaseEpoch LeaseEpoch { get; init; }

    /// <summary>How often its projection's reactions were started or stopped since it is there.</summary>
    public int Reactions { get; init; }

    public bool IsLeased { get; init; }

    public bool IsDone => Checkpoint == End;

    /// <summary>How many hashes are in it.</summary>
    public long Width => To - Id.From;

    public static IReadOnlyList<ShardSnapshot> ReadAll(string? json)
    {
        if (json is null)
        {
            return [];
        }

        using var document = JsonDocument.Parse(json);
        return [.. document.RootElement.EnumerateArray().Select(Read)];
    }

    public static ShardSnapshot Read(string json)
    {
        using var document = JsonDocument.Parse(json);
        return Read(document.RootElement);
    }

    private static ShardSnapshot Read(JsonElement row) => new()
    {
        Id = new ShardId(new VersionId(new ProjectionName(row.GetProperty("projection").GetString()!), row.GetProperty("number").GetInt32()), row.GetProperty("from_hash").GetInt64()),
        To = row.GetProperty("to_hash").GetInt64(),
        Checkpoint = Position(row, "position"),
        End = Position(row, "end")!.Value,
        Last = Position(row, "last_event") is { } last ? new EventFingerprint(last, row.GetProperty("last_event_hash").GetInt64()) : null,
        Activity = row.GetProperty("activity").GetString(),
        EventsDone = row.GetProperty("events_done").GetInt64(),
        EventsInProgress = row.GetProperty("progress_events").GetInt64(),
        FoldedThrough = Position(row, "progress"),
        EventsPerSecond = row.GetProperty("events_per_second") is { ValueKind: JsonValueKind.Number } rate ? rate.GetDouble() : null,
        LeaseHolder = row.GetProperty("lease_holder").GetString(),
        LeaseEpoch = new LeaseEpoch(row.GetProperty("lease_epoch").GetInt64()),
        Reactions = row.GetProperty("reactions").GetInt32(),
        IsLeased = row.GetProperty("leased").GetBoolean(),
    };

    private static EventPosition? Position(JsonElement row, string name) =>
        row.GetProperty($"{name}_major") is { ValueKind: JsonValueKind.Number } major ? new EventPosition(major.GetInt64(), row.GetProperty($"{name}_minor").GetInt64()) : null;
}
