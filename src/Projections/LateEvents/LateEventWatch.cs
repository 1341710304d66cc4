using Microsoft.Extensions.Logging;
using Npgsql;
using Projections.Definitions;
using Projections.Events;
using Projections.Faults;
using Projections.Postgres;

namespace Projections.LateEvents;

/// <summary>
/// Looks again at the numbers that versions passed without a proof: before anything is read beyond a new head, so that no event is
/// folded ahead of a late one that it may follow, and while nothing happens often at first and then less. What turns up is noted in the catalog.
/// </summary>
/// <param name="system">The system.</param>
/// <param name="source">The source, by itself.</param>
/// <param name="givenUp">What it knows.</param>
internal sealed partial class LateEventWatch(ProjectionSystem system, IEventSource source, IGivenUpNumbers givenUp)
{
    /// <summary>The newest, which are looked at before each read. Others turn up seldom enough to be found in their turn, or by whoever stumbles
    /// over what follows them.</summary>
    private const int NewestAtOnce = 250;

    /// <summary>A number is looked at again after a sixteenth of its age: some 200 times in a day.</summary>
    private const int LooksAnAge = 16;

    private const int DueAtOnce = 5_000;

    private const int MostTold = 100_000;

    private static readonly TimeSpan Soonest = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Latest = TimeSpan.FromHours(1);
    private static readonly TimeSpan AfterFault = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan BetweenCleanings = TimeSpan.FromMinutes(1);

    private readonly ILogger _logger = system.Loggers.CreateLogger<LateEventWatch>();
    private readonly Lock _lock = new();

    // In the order in which they came; what has turned up is taken out.
    private readonly List<Watched> _watched = [];
    private readonly Dictionary<(long First, long Last), Watched> _byNumbers = [];
    private readonly SortedSet<long> _told = [];
    private int _generation;

    /// <summary>Changes each time that something turns up, before anything that may follow it can be read.</summary>
    public int Generation => Volatile.Read(ref _generation);

    /// <summary>Watches numbers from now on; those that are watched already are looked at anew.</summary>
    public void Watch(IReadOnlyCollection<GivenUpNumbers> numbers)
    {
        lock (_lock)
        {
            // It turned up after it had been read past, and before a version came by: what follows it may be next.
            if (numbers.Any(range => _told.GetViewBetween(range.First, range.Last).Count > 0))
            {
                Interlocked.Increment(ref _generation);
            }

            foreach (var range in numbers)
            {
                if (_byNumbers.TryGetValue((range.First, range.Last), out var known))
                {
                    known.Asked++;
                    known.LookedAt = default;
                }
                else
                {
                    Add(new Watched(range));
                }
            }
        }
    }

    /// <summary>Watches what the source gave up of a range that was read, before anybody folds what was read.</summary>
    public void WatchExamined(EventPosition after, EventPosition upTo)
    {
        if (Between(after, upTo, []) is { Count: > 0 } numbers)
        {
            Watch(numbers);
        }
    }

    /// <summary>What of a range the source or another worker gave up, in order and without overlaps.</summary>
    public IReadOnlyList<GivenUpNumbers> Between(EventPosition after, EventPosition upTo, IReadOnlyList<GivenUpNumbers> ofOthers)
    {
        var oldest = Oldest();
        var all = givenUp.Between(after, upTo).Where(range => range.Since > oldest).ToList();
        all.AddRange(ofOthers.Where(range => range.First <= upTo.Major && range.Last > after.Major)
            .Select(range => range with { First = Math.Max(range.First, after.Major + 1), Last = Math.Min(range.Last, upTo.Major) }));
        if (all.Count < 2)
        {
            return all;
        }

        var merged = new List<GivenUpNumbers>();
        foreach (var range in all.OrderBy(range => range.First).ThenByDescending(range => range.Last))
        {
            if (merged.Count == 0 || range.First > merged[^1].Last)
            {
                merged.Add(range);
            }
            else if (range.Last > merged[^1].Last)
            {
                merged[^1] = merged[^1] with { Last = range.Last };
            }
        }

        return merged;
    }

    /// <summary>What the catalog remembers of the source after a position, for any version.</summary>
    public async Task<IReadOnlyList<GivenUpNumbers>> ReadRememberedAsync(EventPosition after, CancellationToken cancellationToken)
    {
        await using var connection = await system.Steady.OpenConnectionAsync(cancellationToken);
        return await GivenUpList.ReadAsync(connection, source.Identity, after.Major, Oldest(), cancellationToken);
    }

    /// <summary>Looks at the newest. To be called between learning of a head and reading up to it.</summary>
    public Task LookAsync(CancellationToken cancellationToken) => LookAtAsync(Newest(), cancellationToken);

    /// <summary>Looks at all of them, for somebody who has stumbled over an event that may follow a late one.</summary>
    /// <returns>Whether anything has turned up since <see cref="Generation"/> was <paramref name="generation"/>.</returns>
    public async Task<bool> HasTurnedUpSinceAsync(int generation, CancellationToken cancellationToken)
    {
        foreach (var some in All().Chunk(DueAtOnce))
        {
            await LookAtAsync([.. some], cancellationToken);
        }

        return Generation != generation;
    }

    /// <summary>Notes what has turned up of one version's numbers by now.</summary>
    public async Task NoteAsync(NpgsqlConnection connection, VersionId version, CancellationToken cancellationToken)
    {
        var numbers = await GivenUpList.ReadOfAsync(connection, version, cancellationToken);
        if (numbers.Count > 0 && await givenUp.FindAsync(numbers, cancellationToken) is { Count: > 0 } found)
        {
            await LateEventList.MarkAsync(connection, source.Identity, found, cancellationToken);
        }
    }

    /// <summary>Watches what the catalog remembers, for every version whether somebody follows it or not, and looks at what is new here.</summary>
    public async Task ReloadAsync(CancellationToken cancellationToken)
    {
        var remembered = await ReadRememberedAsync(EventPosition.BeforeFirst, cancellationToken);
        lock (_lock)
        {
            foreach (var range in remembered)
            {
                if (!_byNumbers.ContainsKey((range.First, range.Last)))
                {
                    Add(new Watched(range));
                }
            }
        }

        await LookAtAsync(Due(), cancellationToken);
    }

    /// <summary>Looks again and again until it is stopped.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        var cleaned = default(long?);
        while (!stop.IsCancellationRequested)
        {
            var pause = Soonest;
            try
            {
                if (cleaned is not { } last || system.Time.GetElapsedTime(last) >= BetweenCleanings)
                {
                    await CleanAsync(stop);
                    await ReloadAsync(stop);
                    cleaned = system.Time.GetTimestamp();
                }

                await LookAtAsync(Due(), stop);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception) when (exception is OperationCanceledException || PassingFault.Is(exception) || MendableFault.Is(exception))
            {
                LogInterrupted(_logger, exception.Cause);
                pause = AfterFault;
            }

            await Task.Delay(pause, system.Time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private DateTimeOffset Oldest() => system.Time.GetUtcNow() - system.Options.LateEventWindow;

    private List<Look> Newest() => Choose(all => all.Skip(_watched.Count - NewestAtOnce));

    private List<Look> Due()
    {
        var now = system.Time.GetUtcNow();
        return Choose(all => all.Where(watched => watched.IsDue(now)).Take(DueAtOnce));
    }

    private List<Look> All() => Choose(all => all);

    private List<Look> Choose(Func<IEnumerable<Watched>, IEnumerable<Watched>> choice)
    {
        lock (_lock)
        {
            return [.. choice(_watched).Select(watched => new Look(watched, watched.Asked))];
        }
    }

    private async Task LookAtAsync(List<Look> looks, CancellationToken cancellationToken)
    {
        if (looks.Count == 0)
        {
            return;
        }

        var began = system.Time.GetUtcNow();
        var found = await givenUp.FindAsync([.. looks.Select(look => look.Watched.Numbers)], cancellationToken);
        if (found.Count > 0)
        {
            await using var connection = await system.Steady.OpenConnectionAsync(cancellationToken);
            await MarkAsync(connection, found, cancellationToken);
        }

        lock (_lock)
        {
            // One that was asked for again meanwhile may have been committed only after it was noted here: it stays due.
            foreach (var watched in looks.Where(look => look.Asked == look.Watched.Asked).Select(look => look.Watched))
            {
                watched.LookedAt = began;
                TakeOut(watched, found);
            }
        }
    }

    /// <summary>Tells what has turned up, so that nobody folds what may follow it, and notes it in the catalog.</summary>
    private async Task MarkAsync(NpgsqlConnection connection, IReadOnlyList<long> found, CancellationToken cancellationToken)
    {
        var isTold = Tell(found);
        var isNoted = await LateEventList.MarkAsync(connection, source.Identity, found, cancellationToken);
        if (isTold || isNoted)
        {
            // Who heard of it, and looked in the catalog before it stood there, has to look again. What was known is no news: whoever looks at it would be sent to look again for ever.
            Interlocked.Increment(ref _generation);
        }
    }

    /// <returns>Whether anything of it was unknown here.</returns>
    private bool Tell(IReadOnlyList<long> found)
    {
        var fresh = new List<long>();
        lock (_lock)
        {
            if (_told.Count > MostTold)
            {
                _told.Clear();
            }

            fresh.AddRange(found.Where(_told.Add));
        }

        if (fresh.Count > 0)
        {
            LogTurnedUp(_logger, fresh.Count, source.Identity, string.Join(", ", fresh.Take(10)));
            Interlocked.Increment(ref _generation);
        }

        return fresh.Count > 0;
    }

    /// <summary>What has turned up is watched no longer; what lies before and behind it still is.</summary>
    private void TakeOut(Watched watched, IReadOnlyList<long> found)
    {
        var numbers = watched.Numbers;
        var inside = found.Where(position => numbers.First <= position && position <= numbers.Last).Order().ToList();
        // Taken out by another look, it may have been asked for again since: that is another one.
        if (inside.Count == 0 || _byNumbers.GetValueOrDefault((numbers.First, numbers.Last)) != watched)
        {
            return;
        }

        _byNumbers.Remove((numbers.First, numbers.Last));
        _watched.Remove(watched);
        foreach (var position in inside)
        {
            Add(new Watched(numbers with { Last = position - 1 }) { LookedAt = watched.LookedAt });
            numbers = numbers with { First = position + 1 };
        }

        Add(new Watched(numbers) { LookedAt = watched.LookedAt });
    }

    private void Add(Watched watched)
    {
        if (watched.Numbers.First <= watched.Numbers.Last && _byNumbers.TryAdd((watched.Numbers.First, watched.Numbers.Last), watched))
        {
            _watched.Add(watched);
        }
    }

    /// <summary>Forgets what has been watched for long enough, after a last look: some of it nobody may have looked at for a while.</summary>
    private async Task CleanAsync(CancellationToken cancellationToken)
    {
        var oldest = Oldest();
        await using var connection = await system.Steady.OpenConnectionAsync(cancellationToken);
        while (await GivenUpList.ReadOldAsync(connection, source.Identity, oldest, cancellationToken) is { Count: > 0 } old)
        {
            if (await givenUp.FindAsync(old, cancellationToken) is { Count: > 0 } found)
            {
                await MarkAsync(connection, found, cancellationToken);
            }

            await GivenUpList.ForgetAsync(connection, source.Identity, old, cancellationToken);
        }

        if (await GivenUpList.ForgetSurplusAsync(connection, cancellationToken) is > 0 and var surplus)
        {
            LogSurplus(_logger, surplus, source.Identity, GivenUpList.MostOfAVersion);
        }

        await LateEventList.ForgetMendedAsync(connection, oldest, cancellationToken);
        lock (_lock)
        {
            foreach (var watched in _watched.FindAll(watched => watched.Numbers.Since <= oldest))
            {
                _watched.Remove(watched);
                _byNumbers.Remove((watched.Numbers.First, watched.Numbers.Last));
            }
        }
    }

    private sealed class Watched(GivenUpNumbers numbers)
    {
        public GivenUpNumbers Numbers { get; } = numbers;

        public DateTimeOffset LookedAt { get; set; }

        /// <summary>How often it was asked for again.</summary>
        public int Asked { get; set; }

        public bool IsDue(DateTimeOffset now)
        {
            var wait = (now - Numbers.Since) / LooksAnAge;
            return now - LookedAt >= (wait < Soonest ? Soonest : wait > Latest ? Latest : wait);
        }
    }

    /// <summary>A look at one, and how often it had been asked for when the look began.</summary>
    private readonly record struct Look(Watched Watched, int Asked);

    [LoggerMessage(321, LogLevel.Warning, "{Count} late events turned up in {Source}, at {Positions}: their numbers had been drawn long before and were believed dead. Every version that has passed them gets them now.")]
    private static partial void LogTurnedUp(ILogger logger, int count, string source, string positions);

    [LoggerMessage(322, LogLevel.Warning, "The numbers that were given up cannot be looked at for the moment ({Reason}); trying again.")]
    private static partial void LogInterrupted(ILogger logger, string reason);

    [LoggerMessage(323, LogLevel.Warning, "{Count} of the numbers of {Source} that were given up are not looked at again: more than {Most} of a version are not kept. Find out who draws numbers and does not use them.")]
    private static partial void LogSurplus(ILogger logger, int count, string source, int most);
}
