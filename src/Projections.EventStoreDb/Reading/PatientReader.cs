using System.Runtime.CompilerServices;
using Projections.Events;
using Projections.EventStoreDb.Errors;

namespace Projections.EventStoreDb.Reading;

/// <summary>
/// Reads a range of the log over failures and long silences, and goes on each time from where it was, so that nothing is lost or
/// doubled. A read is the quickest way; but while the server searches for events that match the filter, a read says nothing. When that
/// takes long, the rest is read by a subscription, which tells how far the search has come; that is then a place to go on from.
/// </summary>
internal sealed class PatientReader(IEventLog log, EventStoreDbSourceOptions options)
{
    // Searching, the server says something every few thousand records. Servers before 23.10 do not say when they have come to
    // the end: the read after it finds that out at once.
    private const int SearchPatienceFactor = 5;

    public async IAsyncEnumerable<EventBatch> ReadAsync(
        EventPosition after, EventPosition upTo, EventFilter filter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (after >= upTo)
        {
            yield break;
        }

        if (filter.Types is { Count: 0 })
        {
            yield return new EventBatch([], 0, upTo);
            yield break;
        }

        var again = new TryAgain(options);
        var at = after;
        for (var searching = false; at < upTo; searching = !searching)
        {
            await using var attempt = new Attempt(
                stop => searching ? log.SearchAsync(at, upTo, filter, stop) : log.ReadAsync(at, upTo, filter, stop),
                searching ? options.SearchPatience * SearchPatienceFactor : options.SearchPatience,
                options.Time,
                cancellationToken);
            while (await attempt.NextAsync() is { } batch)
            {
                at = batch.Through;
                again.Succeeded();
                yield return batch;
            }

            if (attempt.Failure is { } failure)
            {
                await again.PauseAsync(failure, cancellationToken);
                searching = !searching;
            }
            else if (searching && at < upTo)
            {
                await again.PauseAsync(new ServerUnavailable($"Reading {log.Name}", $"nothing came after {at}"), cancellationToken);
            }
        }
    }

    /// <summary>One call, until it ends, fails or falls silent.</summary>
    private sealed class Attempt : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop;
        private readonly IAsyncEnumerator<EventBatch> _batches;
        private readonly TimeSpan _patience;
        private readonly TimeProvider _time;
        private readonly CancellationToken _caller;
        private Task<bool>? _pending;

        public Attempt(
            Func<CancellationToken, IAsyncEnumerable<EventBatch>> read, TimeSpan patience, TimeProvider time, CancellationToken caller)
        {
            _stop = CancellationTokenSource.CreateLinkedTokenSource(caller);
            _batches = read(_stop.Token).GetAsyncEnumerator(_stop.Token);
            _patience = patience;
            _time = time;
            _caller = caller;
        }

        /// <summary>What the call failed with, if it failed.</summary>
        public EventStoreDbException? Failure { get; private set; }

        /// <summary>The next batch; <c>null</c> when there is none, whatever the reason.</summary>
        public async ValueTask<EventBatch?> NextAsync()
        {
            try
            {
                var next = _batches.MoveNextAsync();
                if (next.IsCompletedSuccessfully)
                {
                    return next.Result ? _batches.Current : null;
                }

                _pending = next.AsTask();
                var came = await _pending.WaitAsync(_patience, _time, _caller);
                _pending = null;
                return came ? _batches.Current : null;
            }
            catch (EventStoreDbException failure)
            {
                _pending = null;
                Failure = failure;
                return null;
            }
            catch (TimeoutException)
            {
                return null;
            }
        }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            if (_pending is { } pending)
            {
                await pending.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
                // It may have come just now; nobody has seen it, and it is read again.
                if (pending is { IsCompletedSuccessfully: true, Result: true })
                {
                    _batches.Current.Dispose();
                }
            }

            await _batches.DisposeAsync();
            _stop.Dispose();
        }
    }
}
