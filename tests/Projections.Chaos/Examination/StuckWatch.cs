using System.Globalization;
using Npgsql;
using Projections.Catalog;
using Projections.Chaos.Ground;
using Projections.Chaos.Report;
using Projections.Definitions;
using Projections.Events;

namespace Projections.Chaos.Examination;

/// <summary>
/// Looks each second whether every version that has work to do gets on with it, or says why it does not. Only the time counts in which some
/// worker was left alone: where faults follow each other so closely that none comes to its work, nobody is stuck.
/// </summary>
internal sealed class StuckWatch(ChaosGround ground, IReadOnlyList<Seat> fleet, ChaosRecord record)
{
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly ProjectionCatalog _catalog = new(ground.Observer);
    private readonly Dictionary<VersionId, Standing> _standings = [];

    public async Task WatchAsync(CancellationToken stop)
    {
        var last = DateTime.UtcNow;
        while (!stop.IsCancellationRequested)
        {
            var now = DateTime.UtcNow;
            var counts = fleet.Any(seat => seat.IsLeftAlone) ? now - last : TimeSpan.Zero;
            last = now;
            try
            {
                await LookAsync(counts);
            }
            catch (NpgsqlException)
            {
                // The server is away; nobody gets on.
                _standings.Clear();
            }

            await Task.WhenAny(Task.Delay(Beat, stop));
        }
    }

    private async Task LookAsync(TimeSpan counts)
    {
        await using var command = ground.Shop.CreateCommand($"select coalesce(max(seq_id), 0) from {ChaosGround.EventSchema}.mt_events");
        var head = new EventPosition((long)(await command.ExecuteScalarAsync())!);
        foreach (var version in (await _catalog.ReadAllAsync(CancellationToken.None)).SelectMany(projection => projection.Versions))
        {
            Look(version, head, counts);
        }
    }

    private void Look(VersionSnapshot version, EventPosition head, TimeSpan counts)
    {
        var mark = (version.State, version.Checkpoint, version.EventsDone + version.EventsInProgress, version.Activity);
        if (!_standings.TryGetValue(version.Id, out var standing) || standing.Mark != mark || version.Checkpoint >= head)
        {
            _standings[version.Id] = new Standing(mark);
            return;
        }

        standing.Lasted += counts;
        if (!standing.Told && standing.Lasted > Limit && Reason(version) is null)
        {
            standing.Told = true;
            record.Wrong(Wrongs.Stuck, string.Create(CultureInfo.InvariantCulture, $"{version.Id} is {version.State.Text()} at {version.Checkpoint} of {head}, and has not moved in {standing.Lasted.TotalSeconds:0} s in which a worker was left alone: {version}"));
        }
    }

    /// <summary>What people are shown of why it does not move, or <c>null</c>.</summary>
    private static string? Reason(VersionSnapshot version) => version.State switch
    {
        VersionState.Paused or VersionState.Retired => version.State.Text(),
        VersionState.Failed => version.Failure,
        _ => version.Trouble ?? version.Activity,
    };

    private sealed class Standing((VersionState State, EventPosition? Checkpoint, long Events, string? Activity) mark)
    {
        public (VersionState State, EventPosition? Checkpoint, long Events, string? Activity) Mark => mark;

        public TimeSpan Lasted { get; set; }

        public bool Told { get; set; }
    }
}
