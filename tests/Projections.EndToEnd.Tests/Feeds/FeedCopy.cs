using System.Text.Json;
using Projections.Catalog.Feeds;
using Projections.Definitions;
using Projections.Feeds;
using Projections.Tables;

namespace Projections.EndToEnd.Feeds;

/// <summary>A copy of what readers of a projection see, kept by its feed alone, as any consumer would keep it.</summary>
internal sealed class FeedCopy(ProjectionSystem system, ProjectionName projection)
{
    private readonly SortedDictionary<string, string> _rows = new(StringComparer.Ordinal);

    /// <summary>Where it goes on.</summary>
    public FeedStart Place { get; set; } = FeedStart.Snapshot;

    /// <summary>The messages of the last read: <c>kind {…}</c>.</summary>
    public List<string> Messages { get; } = [];

    /// <summary>Called with each message when the copy has it.</summary>
    public Action<FeedMessage> Applied { get; set; } = _ => { };

    /// <summary>The rows, by key.</summary>
    public IReadOnlyList<string> Rows => [.. _rows.Values];

    /// <summary>Reads what there is.</summary>
    public async Task<FeedCopy> ReadAsync()
    {
        Messages.Clear();
        using var patience = new CancellationTokenSource(TestServers.Deadline.Generous);
        await foreach (var message in new FeedReader(system, projection).ReadAsync(Place, once: true, patience.Token))
        {
            Messages.Add($"{message.Name} {System.Text.Encoding.UTF8.GetString(message.Json.Span)}");
            Apply(message);
            Applied(message);
        }

        return this;
    }

    /// <summary>Takes a message, however it came.</summary>
    public void Apply(FeedMessage message)
    {
        using var document = JsonDocument.Parse(message.Json);
        var root = document.RootElement;
        if (message.Kind is FeedMessageKind.Snapshot or FeedMessageKind.Switched)
        {
            if (root.GetProperty("clear").GetBoolean())
            {
                _rows.Clear();
            }

            foreach (var column in root.GetProperty("lost").EnumerateArray())
            {
                Drop(column.GetString()!);
            }
        }
        else if (message.Kind != FeedMessageKind.Settled)
        {
            foreach (var change in root.GetProperty("changes").EnumerateArray())
            {
                Apply(message.Kind, change);
            }
        }

        Place = message.Cursor is { } cursor ? FeedStart.After(cursor) : Place;
    }

    private void Apply(FeedMessageKind kind, JsonElement change)
    {
        var key = change.GetProperty("key").GetRawText();
        if (kind == FeedMessageKind.Changes)
        {
            // What it was before is what the copy has: nothing is missing in between.
            var before = change.GetProperty("before");
            _rows.GetValueOrDefault(key, "null").ShouldBe(before.GetRawText());
        }

        if (change.GetProperty("after") is { ValueKind: JsonValueKind.Object } after)
        {
            _rows[key] = after.GetRawText();
        }
        else
        {
            _rows.Remove(key);
        }
    }

    private void Drop(string column)
    {
        foreach (var (key, row) in _rows.ToList())
        {
            var members = System.Text.Json.Nodes.JsonNode.Parse(row)!.AsObject();
            members.Remove(column);
            _rows[key] = members.ToJsonString(DocumentJson.Default);
        }
    }
}

internal static class FeedWorld
{
    /// <summary>What readers see, as a copy of it would be.</summary>
    public static Task<IReadOnlyList<string>> ViewAsync(this World world, string view = "tally") =>
        world.ColumnAsync($"select replace(to_json(t)::text, '\": ', '\":') from {view} t order by id::text collate \"C\"");
}
