using Npgsql;
using Projections.Definitions;
using Projections.Events;

namespace Projections.LateEvents;

/// <summary>
/// What one version has passed without an event since its last commit, out of the numbers that its source gave up: remembered in the
/// transaction that passes them, so that a kill in between loses nothing.
/// </summary>
internal sealed class MissedNumbers
{
    private readonly LateEventWatch _watch;
    private readonly VersionId _version;
    private List<GivenUpNumbers> _missed = [];
    private IReadOnlyList<GivenUpNumbers>? _ofOthers;
    private int _mended;

    private MissedNumbers(LateEventWatch watch, VersionId version)
    {
        _watch = watch;
        _version = version;
        _mended = watch.Generation;
    }

    /// <returns><c>null</c> where the source gives nothing up without a proof.</returns>
    public static MissedNumbers? Of(ProjectionSystem system, VersionId version) => system.LateEvents is { } watch ? new MissedNumbers(watch, version) : null;

    /// <summary>Takes in that a range was read, and which events the version got of it.</summary>
    public async ValueTask PassAsync(EventPosition after, EventPosition upTo, ReadOnlyMemory<RecordedEvent> events, CancellationToken cancellationToken)
    {
        if (upTo <= after)
        {
            return;
        }

        // What another worker gave up before this one began to look is known from the catalog alone.
        _ofOthers ??= await _watch.ReadRememberedAsync(after, cancellationToken);
        var missed = _watch.Between(after, upTo, _ofOthers);
        if (missed.Count > 0)
        {
            missed = Without(missed, events.Span);
            _missed.AddRange(missed);
            _watch.Watch(missed);
        }
    }

    /// <summary>The version has got everything that had turned up at a generation of the watch.</summary>
    public void Mended(int generation) => _mended = generation;

    /// <summary>
    /// Refuses to hold an event against the version that may follow a late one: the work begins again at the checkpoint, where late events come
    /// first. Only what was looked at before each read is surely folded in its order (<see cref="LateEventWatch"/>).
    /// </summary>
    /// <param name="problem">What it stumbled over.</param>
    /// <param name="cancellationToken">Cancels the look.</param>
    /// <exception cref="TimeoutException">Something has turned up since.</exception>
    public async Task RefuseIfSomeTurnedUpAsync(string problem, CancellationToken cancellationToken)
    {
        if (await _watch.HasTurnedUpSinceAsync(_mended, cancellationToken))
        {
            throw new TimeoutException($"late events turned up, which {_version} gets first, before it is tried again: {problem}");
        }
    }

    /// <summary>Remembers them in the transaction that is open on <paramref name="connection"/>.</summary>
    public Task WriteAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        _missed.Count == 0 ? Task.CompletedTask : GivenUpList.AddAsync(connection, _version, _missed, cancellationToken);

    /// <summary>Remembers them in a batch that is one transaction.</summary>
    public void AddTo(NpgsqlBatch batch)
    {
        if (_missed.Count > 0)
        {
            GivenUpList.Add(batch, _version, _missed);
        }
    }

    /// <summary>The transaction was committed. What has turned up meanwhile could not be noted for this version before: it is looked at anew.</summary>
    public void Committed()
    {
        if (_missed.Count > 0)
        {
            _watch.Watch(_missed);
            _missed = [];
        }
    }

    private static List<GivenUpNumbers> Without(IReadOnlyList<GivenUpNumbers> missed, ReadOnlySpan<RecordedEvent> seen)
    {
        var left = new List<GivenUpNumbers>();
        foreach (var range in missed)
        {
            var rest = range;
            foreach (ref readonly var e in seen)
            {
                var number = e.Position.Major;
                if (number < rest.First || number > rest.Last)
                {
                    continue;
                }

                if (number > rest.First)
                {
                    left.Add(rest with { Last = number - 1 });
                }

                rest = rest with { First = number + 1 };
            }

            if (rest.First <= rest.Last)
            {
                left.Add(rest);
            }
        }

        return left;
    }
}
