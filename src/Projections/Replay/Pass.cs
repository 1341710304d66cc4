using Projections.Events;
using Projections.Postgres;

namespace Projections.Replay;

/// <summary>
/// One reading of history for all versions that stand at one position, as one step of <see cref="Passes"/> after the other. Each version
/// has a queue of its own; the next batch is given when each has room for it.
/// </summary>
/// <param name="passes">All passes, with the lock under which this one is changed.</param>
/// <param name="source">What is read.</param>
/// <param name="position">Where it begins.</param>
/// <param name="isShared">Whether it takes others in.</param>
/// <param name="began">When its first version began to read.</param>
internal sealed class Pass(Passes passes, IEventSource source, EventPosition position, bool isShared, long began) : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private TaskCompletionSource _moved = New();
    private Task _running = Task.CompletedTask;
    private int _disposed;

    public List<PassReader> Readers { get; } = [];

    public IEventSource Source => source;

    /// <summary>Up to where its versions were given what there is.</summary>
    public EventPosition Position { get; set; } = position;

    public bool IsShared { get; } = isShared;

    public long Began { get; } = began;

    /// <summary>Whether it is to be read anew from its position, for others than it was read for so far.</summary>
    public bool IsOutdated { get; set; }

    /// <summary>Completes when something has changed that it may wait for.</summary>
    public Task Moved => _moved.Task;

    public void Start() => _running = Task.Run(RunAsync);

    public void Add(PassReader reader)
    {
        reader.Enter(this);
        Readers.Add(reader);
        IsOutdated = true;
    }

    /// <summary>Lets it look again; under the lock.</summary>
    public void Signal()
    {
        var moved = _moved;
        _moved = New();
        moved.SetResult();
    }

    /// <summary>Stops the reading.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            await _stop.CallOffAsync();
            await _running;
            _stop.Dispose();
        }
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task RunAsync()
    {
        try
        {
            await passes.AwaitExpectedAsync(this, _stop.Token);
            while (passes.Open(this) is { } reading)
            {
                await ReadAsync(reading);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Nobody is left to be told.
        }
        catch (Exception exception)
        {
            passes.Fail(this, exception);
        }
    }

    private async Task ReadAsync(PassReading reading)
    {
        await foreach (var batch in source.ReadAsync(reading.After, reading.UpTo, reading.Filter, _stop.Token))
        {
            var decoded = reading.Decoders.Count > 0 ? DecodedEvents.Of(batch, reading.Decoders) : null;
            if (!await TryGiveAsync(batch, decoded))
            {
                decoded?.Release();
                batch.Dispose();
                return;
            }

            // All have what they wanted, or have gone over to another pass.
            if (Readers.Count == 0)
            {
                return;
            }
        }

        passes.Finish(this, reading.UpTo);
    }

    /// <returns>Whether the batch was given; else it is of no use any more.</returns>
    private async Task<bool> TryGiveAsync(EventBatch batch, DecodedEvents? decoded)
    {
        var since = passes.Time.GetTimestamp();
        while (true)
        {
            _stop.Token.ThrowIfCancellationRequested();
            var (outcome, moved) = passes.TryGive(this, batch, decoded, passes.Time.GetElapsedTime(since));
            if (outcome is { } given)
            {
                return given;
            }

            await moved.WaitAsync(Passes.Patience, passes.Time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}

/// <summary>What is read for the versions of a pass, until there are others.</summary>
/// <param name="After">From where.</param>
/// <param name="UpTo">To where.</param>
/// <param name="Filter">What one of them or another wants.</param>
/// <param name="Decoders">By what events are decoded for several of them at once, by the event type's name.</param>
internal sealed record PassReading(EventPosition After, EventPosition UpTo, EventFilter Filter, IReadOnlyDictionary<string, EventDecoder> Decoders);
