using System.Globalization;

namespace Projections.EventStoreDb.Grpc;

/// <summary>Ends a call when its time is up or when its caller no longer wants it, and knows which.</summary>
internal sealed class GrpcDeadline : IDisposable
{
    // The header holds at most eight digits.
    private const long MostMilliseconds = 99_999_999;

    private readonly CancellationTokenSource? _timer;
    private readonly CancellationTokenSource? _either;
    private readonly CancellationToken _caller;

    public GrpcDeadline(TimeSpan? after, TimeProvider time, CancellationToken caller)
    {
        After = after;
        _caller = caller;
        Token = caller;
        if (after is { } limit)
        {
            _timer = new CancellationTokenSource(limit, time);
            _either = CancellationTokenSource.CreateLinkedTokenSource(caller, _timer.Token);
            Token = _either.Token;
        }
    }

    /// <summary>How long the call may take.</summary>
    public TimeSpan? After { get; }

    /// <summary>What the call runs under.</summary>
    public CancellationToken Token { get; }

    /// <summary>Whether the time is up, and not the caller who cancelled.</summary>
    public bool IsOver => _timer is { IsCancellationRequested: true } && !_caller.IsCancellationRequested;

    public bool IsCancelledByCaller => _caller.IsCancellationRequested;

    /// <summary>The header <c>grpc-timeout</c>, which tells the server; <c>null</c> for none.</summary>
    public string? Header => After is { } limit
        ? string.Create(CultureInfo.InvariantCulture, $"{Math.Clamp((long)limit.TotalMilliseconds, 1, MostMilliseconds)}m")
        : null;

    public void Dispose()
    {
        _either?.Dispose();
        _timer?.Dispose();
    }
}
