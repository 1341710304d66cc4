using Microsoft.Extensions.Logging;
using Projections.Events;
using Projections.Faults;
using Projections.Postgres;
using Projections.Serving;

namespace Projections.Following;

/// <summary>
/// The newest events of a source, read once for all projections that a worker follows. Who stands within the window is
/// served from memory; who has fallen behind it reads from the source itself until it is back.
/// </summary>
internal sealed partial class SourceTail : IAsyncDisposable
{
    /// <summary>How much memory the window takes, all told: some 10,000 events of usual size, a second at ten thousand a second.</summary>
    private const long MostWindowBytes = 4L * 1024 * 1024;

    /// <summary>So much the windows of all databases of a process take, where there are many.</summary>
    private const long WindowBytesOfAll = 32L * 1024 * 1024;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    private readonly IEventSource _source;
    private readonly EventFilter _filter;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ProcessResources? _process;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private readonly LinkedList<EventBatch> _window = [];
    private readonly Task _pumping;
    private TaskCompletionSource _moved = New();
    private EventPosition? _start;
    private EventPosition _through;
    private long _bytes;

    /// <param name="source">The source.</param>
    /// <param name="filter">What all versions together want of it.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Where interruptions are told.</param>
    /// <param name="process">What is shared with the tails of other databases, if there are any.</param>
    public SourceTail(IEventSource source, EventFilter filter, TimeProvider time, ILogger logger, ProcessResources? process = null)
    {
        _process = process;
        _source = source;
        _filter = filter;
        _time = time;
        _logger = logger;
        _pumping = Task.Run(() => PumpAsync(_stop.Token));
    }

    private long WindowBytes => Math.Min(MostWindowBytes, WindowBytesOfAll / (_process?.Databases ?? 1));

    /// <summary>Completes when there is, or may be, something after <paramref name="position"/>.</summary>
    public async Task WaitAsync(EventPosition position, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task moved;
            lock (_lock)
            {
                if (_start is not null && _through > position)
                {
                    return;
                }

                moved = _moved.Task;
            }

            await moved.WaitAsync(cancellationToken);
        }
    }

    /// <summary>
    /// What lies after <paramref name="position"/>, oldest first; the first batch may begin before it. Empty when there is
    /// nothing; <c>null</c> when the window no longer reaches back that far. The batches are not to be disposed.
    /// </summary>
    public (IReadOnlyList<EventBatch>? Batches, EventPosition Through) After(EventPosition position)
    {
        lock (_lock)
        {
            if (_start is not { } start || _through <= position)
            {
                return ([], position);
            }

            return (start > position ? null : Newest(position), _through);
        }
    }

    /// <summary>What keeps it from going on, or <c>null</c>. It tries again and again, so that what a person mends heals by itself.</summary>
    public string? Trouble { get; private set; }

    public async ValueTask DisposeAsync()
    {
        await _stop.CallOffAsync();
        await _pumping;
        _stop.Dispose();
    }

    // From the end, since who follows is near it: a window of small batches has tens of thousands of them.
    private List<EventBatch> Newest(EventPosition after)
    {
        var found = new List<EventBatch>();
        for (var node = _window.Last; node is not null && node.Value.Through > after; node = node.Previous)
        {
            found.Add(node.Value);
        }

        found.Reverse();
        return found;
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task PumpAsync(CancellationToken cancellationToken)
    {
        var pause = FirstPause;
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await FollowAsync(cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                pause = Trouble is null ? FirstPause : pause;
                Trouble = exception.Cause;
                LogInterrupted(_logger, _source.Identity, exception.Cause, exception is OperationCanceledException || PassingFault.Is(exception) || MendableFault.Is(exception) ? null : exception);
                await Task.Delay(pause, _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
        }
    }

    private async Task FollowAsync(CancellationToken cancellationToken)
    {
        var first = await _source.GetSafeHeadAsync(cancellationToken);
        Trouble = null;
        if (_start is null)
        {
            Begin(first.Position);
        }

        await foreach (var batch in _source.FollowAsync(_through, _filter, cancellationToken))
        {
            Append(batch);
        }

        throw new EventSourceUnusable($"{_source.Identity} has stopped telling of new events, which no source may.");
    }

    private void Begin(EventPosition position) => Move(() => _start = _through = position);

    // Disposed by nobody: all followers share the window, and it could not be said when the last of them, or a candidate's handler that is
    // being waited for no longer, has done with a batch.
    private void Append(EventBatch batch) => Move(() =>
    {
        if (batch.Count > 0)
        {
            _window.AddLast(batch);
            _bytes += batch.Size;
        }

        _through = batch.Through;
        while (_window.Count > 1 && _bytes > WindowBytes)
        {
            DropOldest();
        }
    });

    private void DropOldest()
    {
        var oldest = _window.First!.Value;
        _window.RemoveFirst();
        _bytes -= oldest.Size;
        _start = oldest.Through;
    }

    private void Move(Action change)
    {
        TaskCompletionSource moved;
        lock (_lock)
        {
            change();
            (moved, _moved) = (_moved, New());
        }

        moved.SetResult();
    }

    [LoggerMessage(301, LogLevel.Warning, "The tail of {Source} was interrupted ({Reason}); trying again.")]
    private static partial void LogInterrupted(ILogger logger, string source, string reason, Exception? exception);
}
