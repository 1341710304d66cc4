using Npgsql;
using Projections.Events;
using Projections.PostgresEvents.Layout;

namespace Projections.PostgresEvents.Heads;

/// <summary>
/// Looks at the store and finds the safe head; one look at a time, whoever asks. It keeps one session for all looks, in which the
/// statements stay prepared: looks are many, and each is over in less time than parsing would take.
/// </summary>
internal sealed class HeadObserver(NpgsqlDataSource dataSource, EventTableLayout layout, UnprovedNumbers? unproved, TimeProvider time) : IAsyncDisposable
{
    /// <summary>A look may take so long, or up to twice as long: one limit serves all looks of this time, because a timer for each
    /// statement, as the driver sets it, is much of what a worker costs that has nothing to do.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly HighWaterMark _mark = new(layout.Mapping.GraceTime, time);
    private readonly SemaphoreSlim _oneAtATime = new(1, 1);
    private HeadQueries? _queries;
    private CancellationTokenSource? _limit;
    private long _limitSetAt;
    private DateTimeOffset? _heldSince;
    private long _heldAt;

    public async Task<SafeHead> LookAsync(CancellationToken cancellationToken)
    {
        await _oneAtATime.WaitAsync(cancellationToken);
        var limit = Limit();
        SafeHead? head = null;
        try
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit);
            _queries ??= await HeadQueries.OpenAsync(dataSource, layout, either.Token);
            head = await LookAsync(_queries, either.Token);
            return head;
        }
        catch (OperationCanceledException exception) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw StoreErrors.Translate(new TimeoutException("it did not answer for half a minute or more.", exception), layout.Table);
        }
        catch (Exception exception) when (StoreErrors.IsFromStore(exception))
        {
            throw StoreErrors.Translate(exception, layout.Table);
        }
        finally
        {
            if (head is null)
            {
                await CloseAsync();
            }

            _oneAtATime.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        // A look may be under way.
        await _oneAtATime.WaitAsync();
        await CloseAsync();
        _limit?.Dispose();
        _oneAtATime.Dispose();
    }

    private async ValueTask CloseAsync()
    {
        if (_queries is not null)
        {
            await _queries.DisposeAsync();
            _queries = null;
        }
    }

    private CancellationToken Limit()
    {
        if (_limit is null || time.GetElapsedTime(_limitSetAt) > Patience)
        {
            _limit?.Dispose();
            _limit = new CancellationTokenSource(Patience * 2, time);
            _limitSetAt = time.GetTimestamp();
        }

        return _limit.Token;
    }

    // The order of the statements is the proof: first how far the numbers go, then who may still hold one of them, then what
    // is visible. See Fence.
    private async Task<SafeHead> LookAsync(HeadQueries queries, CancellationToken cancellationToken)
    {
        var (last, isStandby) = await queries.ReadSequenceAsync(cancellationToken);
        if (isStandby)
        {
            throw EventTableInspection.Standby(layout.Table);
        }

        if (last < _mark.Position)
        {
            _mark.StartAgain();
            unproved?.StartAgain();
        }

        if (last > _mark.Position)
        {
            var writers = await queries.ReadWritersAsync(cancellationToken);
            _mark.Observe(last, writers);
            // Before anybody learns of the new head, and reads up to it.
            unproved?.Add(_mark.TakePassedByTime());
            if (last > _mark.Position && layout.PositionIsIndexed)
            {
                var run = await queries.ReadRunAsync(_mark.Position, last, cancellationToken);
                _mark.Raise(_mark.Position + run);
            }
        }

        if (last <= _mark.Position)
        {
            _mark.Settled();
        }

        return new SafeHead(ToPosition(_mark.Position), ToPosition(Math.Max(last, _mark.Position)), Hold(last), IsAtLeast: !_mark.IsProven);
    }

    private SafeHeadHold? Hold(long last)
    {
        if (_mark.Oldest is not { } fence || last <= _mark.Position)
        {
            _heldSince = null;
            return null;
        }

        if (_heldSince is null || _heldAt != _mark.Position)
        {
            _heldSince = time.GetUtcNow();
            _heldAt = _mark.Position;
        }

        return new SafeHeadHold(new EventPosition(_mark.Position + 1), Reason(fence), _heldSince.Value);
    }

    private string Reason(Fence fence) => fence.WaitingFor.Count > 0
        ? $"open transactions may still write events up to {fence.Last}: {string.Join("; ", fence.WaitingFor.Take(5).Select(writer => writer.Description))}"
            + (fence.WaitingFor.Count > 5 ? $"; and {fence.WaitingFor.Count - 5} more" : "")
        : FormattableString.Invariant(
            $"a number is missing, and {layout.Mapping.Store} may have drawn it before its transaction; it is waited for for {layout.Mapping.GraceTime.TotalSeconds:0.#} s");

    private static EventPosition ToPosition(long number) => number == 0 ? EventPosition.BeforeFirst : new EventPosition(number);
}
