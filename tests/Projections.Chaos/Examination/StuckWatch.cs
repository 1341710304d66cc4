using System.Globalization;
using Npgsql;
using Projections.Catalog;
using Projections.Chaos.Ground;
using Projections.Chaos.Report;
using Projections.Definitions;
using Projections.Events;

namespace Projections.Chaos.Examination;

/// <summary>Looks each second whether every version that has work to do gets on with it, or says why it does not.</summary>
internal sealed class StuckWatch(ChaosGround ground, ChaosRecord record)
{
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly ProjectionCatalog _catalog = new(ground.Observer);
    private readonly Dictionary<VersionId, Standing> _standings = [];

    public async Task WatchAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await LookAsync();
            }
            catch (NpgsqlException)
            {
                // The server is away; nobody gets on.
                _standings.Clear();
            }

            await Task.WhenAny(Task.Delay(Beat, stop));
        }
    }

    private async Task LookAsync()
    {
        await using var command = ground.Shop.CreateCommand($"select coalesce(max(seq_id), 0) from {ChaosGround.EventSchema}.mt_events");
        var head = new EventPosition((long)(await command.ExecuteScalarAsync())!);
        foreach (var version in (await _catalog.ReadAllAsync(CancellationToken.None)).SelectMany(projection => projection.Versions))
        {
            Look(version, head);
        }
    }

    private void Look(VersionSnapshot version, EventPosition head)
    {
        var mark = (version.State, version.Checkpoint, version.EventsDone + version.EventsInProgress, version.Activity);
        var now = DateTime.UtcNow;
        if (!_standings.TryGetValue(version.Id, out var standing) || standing.Mark != mark || version.Checkpoint >= head)
        {
            _standings[version.Id] = new Standing(mark, now);
            return;
        }

        if (!standing.Told && now - standing.Since > Limit && Reason(version) is null)
        {
            standing.Told = true;
            record.Wrong(Wrongs.Stuck, string.Create(CultureInfo.InvariantCulture, $"{version.Id} is {version.State.Text()} at {version.Checkpoint} of {head}, and has not moved for {(now - standing.Since).TotalSeconds:0} s: {version}"));
        }
    }

    /// <summary>What people are shown of why it does not move, or <c>null</c>.</summary>
    private static string? Reason(VersionSnapshot version) => version.State switch
    {
        VersionState.Paused or VersionState.Retired => version.State.Text(),
        VersionState.Failed => version.Failure,
        _ => version.Activity,
    };

    private sealed class Standing((VersionState State, EventPosition? Checkpoint, long Events, string? Activity) mark, DateTime since)
    {
        public (VersionState State, EventPosition? Checkpoint, long Events, string? Activity) Mark => mark;

        public DateTime Since => since;

        public bool Told { get; set; }
    }
}
