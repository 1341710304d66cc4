using System.Globalization;
using Projections.Catalog;
using Projections.Definitions;
using Projections.Events;
using Projections.LateEvents;

namespace Projections.Operations;

/// <summary>How far a version is behind the safe head.</summary>
/// <param name="Events">How many events that it handles it has still to fold.</param>
/// <param name="Time">How long the first of all events beyond its checkpoint has been there.</param>
/// <param name="IsAtLeast">Whether there may well be more: the safe head itself is not known yet.</param>
/// <param name="IsAbout">Whether the events were estimated and not counted.</param>
public sealed record Lag(long Events, TimeSpan Time, bool IsAtLeast = false, bool IsAbout = false)
{
    /// <summary>For people: <c>about 1,200 events</c>.</summary>
    public string EventsText => IsAtLeast
        ? string.Create(CultureInfo.InvariantCulture, $"at least {Events:N0} events")
        : $"{new EventCount(Events, IsAbout)} events";
}

/// <summary>A version's state with its lag.</summary>
/// <param name="Version">Its row in the catalog.</param>
/// <param name="Lag"><c>null</c> when it has no checkpoint, is not followed, or nobody can say at the moment.</param>
/// <param name="DeadLetters">How many of its dead letters wait for a decision.</param>
/// <param name="LateEvents">What it passed without a proof, and what has turned up of that.</param>
public sealed record VersionStatus(VersionSnapshot Version, Lag? Lag, long DeadLetters, LateEventCounts LateEvents);

/// <summary>A projection's state.</summary>
/// <param name="Projection">Its row in the catalog; without versions when it was never built.</param>
/// <param name="Versions">Its versions in the catalog.</param>
/// <param name="Known">The versions that this code has.</param>
/// <param name="Head">The safe head that the lag is measured against; never below a checkpoint, since those never pass a safe head.</param>
/// <param name="Errors">What is wrong with its declarations in this code.</param>
/// <param name="SourceTrouble">Why the event source cannot say where its head is, so that no lag is known; <c>null</c> when it can.</param>
public sealed record ProjectionStatus(
    ProjectionSnapshot Projection,
    IReadOnlyList<VersionStatus> Versions,
    IReadOnlyList<int> Known,
    SafeHead Head,
    IReadOnlyList<DeclarationError> Errors,
    string? SourceTrouble = null);

/// <summary>Reads what people want to know: states, progress and lag of all projections.</summary>
internal sealed class ReadStatus(ProjectionSystem system)
{
    /// <summary>How long an event source may take to say where its head is: whoever looks wants to see the rest, too.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>How often a source is asked that has only begun to look, and with what pause: whoever wrote at the first look has ended by one of the next, as a rule.</summary>
    private const int Looks = 6;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Reads one projection, or all that the catalog or this code knows.</summary>
    public async Task<IReadOnlyList<ProjectionStatus>> RunAsync(ProjectionName? only, CancellationToken cancellationToken)
    {
        var found = (await system.Catalog.ReadAllAsync(cancellationToken)).ToDictionary(projection => projection.Name);
        var (seen, trouble) = await FindHeadAsync(cancellationToken);
        var head = AtLeastAtCheckpoints(seen, found.Values);
        var names = system.Registry.Projections.Union(found.Keys).Where(name => only is null || name == only);
        var (letters, late) = await CountAsync(cancellationToken);
        var statuses = new List<ProjectionStatus>();
        foreach (var name in names.OrderBy(name => name.Value, StringComparer.Ordinal))
        {
            var projection = found.GetValueOrDefault(name) ?? new ProjectionSnapshot(name, system.Source.Identity, 0, null, []);
            var versions = new List<VersionStatus>();
            foreach (var version in projection.Versions)
            {
                versions.Add(new VersionStatus(version, trouble is null ? await LagAsync(version, head, cancellationToken) : null, letters.GetValueOrDefault(version.Id), late.GetValueOrDefault(version.Id, LateEventCounts.None)));
            }

            var known = system.Registry.VersionsOf(name).Select(version => version.Id.Number);
            statuses.Add(new ProjectionStatus(projection, versions, [.. known], head, system.Registry.ErrorsOf(name), trouble));
        }

        return statuses;
    }

    private async Task<(SafeHead? Head, string? Trouble)> FindHeadAsync(CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(Patience, system.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        try
        {
            var head = await system.Source.GetSafeHeadAsync(either.Token);
            for (var look = 1; head.IsAtLeast && look < Looks; look++)
            {
                await Task.Delay(Pause, either.Token);
                head = await system.Source.GetSafeHeadAsync(either.Token);
            }

            return (head, null);
        }
        catch (Exception exception) when (exception is EventSourceUnavailable or EventSourceUnusable)
        {
            return (null, exception.Message);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return (null, $"it has not answered for {Patience.TotalSeconds:0} s.");
        }
    }

    /// <summary>What a process that has only begun to look takes for the safe head, put right by what workers have proved.</summary>
    private SafeHead AtLeastAtCheckpoints(SafeHead? head, IEnumerable<ProjectionSnapshot> projections)
    {
        // A checkpoint beyond what the store has given out tells of a store that was restored, and not where its head is.
        var proved = projections
            .Where(projection => projection.Source == system.Source.Identity)
            .SelectMany(projection => projection.Versions)
            .Select(version => version.Checkpoint)
            .OfType<EventPosition>()
            .Where(checkpoint => head is null || checkpoint <= head.Highest)
            .Append(head?.Position ?? EventPosition.BeforeFirst)
            .Max();
        return head is null ? new SafeHead(proved, proved, IsAtLeast: true) : head with { Position = proved };
    }

    private async Task<Lag?> LagAsync(VersionSnapshot version, SafeHead head, CancellationToken cancellationToken)
    {
        if (version.Checkpoint is not { } checkpoint || version.State == VersionState.Retired)
        {
            return null;
        }

        if (checkpoint >= head.Position)
        {
            return head.IsAtLeast ? null : new Lag(0, TimeSpan.Zero);
        }

        try
        {
            return await CountAsync(version, checkpoint, head, cancellationToken);
        }
        catch (EventSourceUnavailable)
        {
            // Everything else about the version is known all the same.
            return null;
        }
    }

    private async Task<Lag?> CountAsync(VersionSnapshot version, EventPosition checkpoint, SafeHead head, CancellationToken cancellationToken)
    {
        var filter = system.Registry.Find(version.Id)?.Filter ?? EventFilter.All;
        var count = await system.Source.EstimateCountAsync(checkpoint, filter, cancellationToken);
        if (head.IsAtLeast && count.Events == 0)
        {
            return null;
        }

        var next = await system.Source.GetTimeOfNextAsync(checkpoint, cancellationToken);
        var time = next is { } since ? system.Time.GetUtcNow().UtcDateTime - since : TimeSpan.Zero;
        return new Lag(count.Events, time > TimeSpan.Zero ? time : TimeSpan.Zero, head.IsAtLeast, count.IsAbout);
    }

    private async Task<(Dictionary<VersionId, long> Letters, Dictionary<VersionId, LateEventCounts> Late)> CountAsync(CancellationToken cancellationToken)
    {
        await using var connection = await system.ReadModels.OpenConnectionAsync(cancellationToken);
        return (await DeadLetters.CountWaitingAsync(connection, cancellationToken), await LateEventList.CountAsync(connection, cancellationToken));
    }
}
