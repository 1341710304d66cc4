using System.Globalization;
using Projections.Catalog;
using Projections.Events;

namespace Projections.Reports;

/// <summary>A shard of a version as every door tells it.</summary>
/// <param name="Shard">Its name: the lowest hash of its streams.</param>
/// <param name="Position">Up to where its rows are complete; <c>null</c> where nothing is.</param>
/// <param name="End">Where it ends.</param>
/// <param name="EventsDone">How many events it has folded.</param>
/// <param name="EventsPerSecond">How fast.</param>
/// <param name="Worker">The worker that holds its lease at present.</param>
/// <param name="Activity">What it waits for.</param>
internal sealed record ShardReport(string Shard, EventPosition? Position, EventPosition End, long EventsDone, double? EventsPerSecond, string? Worker, string? Activity)
{
    public static ShardReport Of(ShardSnapshot shard) => new(
        shard.Id.Name,
        shard.Checkpoint,
        shard.End,
        shard.EventsDone + shard.EventsInProgress,
        shard.EventsPerSecond is { } rate ? Math.Round(rate) : null,
        shard.IsLeased ? shard.LeaseHolder : null,
        shard.Activity);

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{EventsDone:N0} events, {(Position == End ? "done" : $"at position {Position?.ToString() ?? "0"} of {End}, {(Worker is null ? "nobody works on it" : $"{EventsPerSecond ?? 0:N0}/s by {Worker}")}")}{(Activity is null ? "" : $", {Activity}")}");
}
