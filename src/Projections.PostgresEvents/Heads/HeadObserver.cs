using Npgsql;
using Projections.Events;
using Projections.PostgresEvents.Layout;

namespace Projections.PostgresEvents.Heads;

/// <summary>Looks at the store and finds the safe head; one look at a time, whoever asks.</summary>
internal sealed class HeadObserver(NpgsqlDataSource dataSource, EventTableLayout layout, TimeProvider time) : IDisposable
{
    private readonly HeadQueries _queries = new(layout);
    private readonly HighWaterMark _mark = new(layout.Mapping.GraceTime, time);
    private readonly SemaphoreSlim _oneAtATime = new(1, 1);
    private DateTimeOffset? _heldSince;
    private long _heldAt;

    /// <summary>What the last look found, or <c>null</c> before the first.</summary>
    public SafeHead? Latest { get; private set; }

    public async Task<SafeHead> LookAsync(CancellationToken cancellationToken)
    {
        await _oneAtATime.WaitAsync(cancellationToken);
        try
        {
            await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
            var head = await LookAsync(connection, cancellationToken);
            Latest = head;
            return head;
        }
        catch (Exception exception) when (StoreErrors.IsFromStore(exception))
        {
            throw StoreErrors.Translate(exception, layout.Table);
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    public void Dispose() => _oneAtATime.Dispose();

    // The order of the statements is the proof: first how far the numbers go, then who may still hold one of them, then what
    // is visible. See Fence.
    private async Task<SafeHead> LookAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var (last, isStandby) = await _queries.ReadSequenceAsync(connection, cancellationToken);
        if (isStandby)
        {
            throw EventTableInspection.Standby(layout.Table);
        }

        if (last < _mark.Position)
        {
            _mark.StartAgain();
        }

        if (last > _mark.Position)
        {
            var writers = await _queries.ReadWritersAsync(connection, cancellationToken);
            _mark.Observe(last, writers);
            if (last > _mark.Position && layout.PositionIsIndexed)
            {
                var run = await _queries.ReadRunAsync(connection, _mark.Position, last, cancellationToken);
                _mark.Raise(_mark.Position + run);
            }
        }

        if (last <= _mark.Position)
        {
            _mark.Settled();
        }

        return new SafeHead(ToPosition(_mark.Position), ToPosition(Math.Max(last, _mark.Position)), Hold(last));
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
