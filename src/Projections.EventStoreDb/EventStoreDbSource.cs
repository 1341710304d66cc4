using Projections.Events;
using Projections.EventStoreDb.Errors;
using Projections.EventStoreDb.Following;
using Projections.EventStoreDb.Reading;

namespace Projections.EventStoreDb;

/// <summary>
/// An EventStoreDB or KurrentDB. Positions are commit and prepare position in the log, or the revision where one stream is read.
/// The safe head is the log's last event: the server gives nothing to read that could still be preceded by something else.
/// </summary>
public sealed class EventStoreDbSource : IEventSource
{
    private readonly IEventLog _log;
    private readonly EventStoreDbSourceOptions _options;
    private readonly PatientReader _reader;
    private readonly LogTail _tail;

    /// <summary>Reads through a log that is given; the source owns it.</summary>
    public EventStoreDbSource(IEventLog log, EventStoreDbSourceOptions? options = null)
    {
        _log = log;
        _options = options ?? new EventStoreDbSourceOptions();
        _reader = new PatientReader(log, _options);
        _tail = new LogTail(log, _reader, _options);
        Identity = _options.StoreName is { } name ? $"eventstoredb {name} {log.Name}" : $"eventstoredb {log.Name}";
    }

    public string Identity { get; }

    /// <summary>Connects to a store, and makes sure that it can be read.</summary>
    /// <exception cref="ConnectionStringInvalid">A part of the connection string is unknown or malformed.</exception>
    /// <exception cref="EventSourceUnavailable">No server could be reached.</exception>
    /// <exception cref="EventSourceUnusable">The server does not let us read; the message says what to change.</exception>
    public static Task<EventStoreDbSource> OpenAsync(
        string connectionString, EventStoreDbSourceOptions? options = null, CancellationToken cancellationToken = default) =>
        OpenAsync(new GrpcEventLog(connectionString, options), options, cancellationToken);

    /// <summary>The same through a log that is given; the source owns it.</summary>
    /// <exception cref="EventSourceUnavailable">No server could be reached.</exception>
    /// <exception cref="EventSourceUnusable">The server does not let us read; the message says what to change.</exception>
    public static async Task<EventStoreDbSource> OpenAsync(
        IEventLog log, EventStoreDbSourceOptions? options = null, CancellationToken cancellationToken = default)
    {
        var source = new EventStoreDbSource(log, options);
        try
        {
            await source.GetSafeHeadAsync(cancellationToken);
            return source;
        }
        catch
        {
            await source.DisposeAsync();
            throw;
        }
    }

    public Task<SafeHead> GetSafeHeadAsync(CancellationToken cancellationToken) =>
        TryAgain.RunAsync(
            async () =>
            {
                var end = await _log.FindEndAsync(cancellationToken);
                return new SafeHead(end.Position, end.Highest);
            },
            _options,
            cancellationToken);

    public IAsyncEnumerable<EventBatch> ReadAsync(
        EventPosition after, EventPosition upTo, EventFilter filter, CancellationToken cancellationToken) =>
        _reader.ReadAsync(after, upTo, filter, cancellationToken);

    public IAsyncEnumerable<EventBatch> FollowAsync(EventPosition after, EventFilter filter, CancellationToken cancellationToken) =>
        _tail.FollowAsync(after, filter, cancellationToken);

    public Task<EventCount> EstimateCountAsync(EventPosition after, EventFilter filter, CancellationToken cancellationToken) =>
        TryAgain.RunAsync(() => new CountEstimate(_log, EventSelection.Of(filter)).RunAsync(after, cancellationToken), _options, cancellationToken);

    public Task<DateTime?> GetTimeOfNextAsync(EventPosition after, CancellationToken cancellationToken) =>
        TryAgain.RunAsync<DateTime?>(
            async () => await _log.ReadFirstAsync(after, 1, cancellationToken) is [var next, ..] ? next.Time : null,
            _options,
            cancellationToken);

    public Task<RecordedEvent?> FindAsync(EventPosition position, CancellationToken cancellationToken) =>
        TryAgain.RunAsync(() => _log.FindAsync(position, cancellationToken), _options, cancellationToken);

    public Task<LostBeginnings> FindLostBeginningsAsync(EventFilter filter, CancellationToken cancellationToken) => _options.Target.IsAll
        ? new BeginningSearch(this, FindFirstRevisionAsync).RunAsync(filter, cancellationToken)
        : new StreamBeginningSearch(this).RunAsync(filter, cancellationToken);

    public async Task<bool> HasLostBeginningAsync(RecordedEvent one, CancellationToken cancellationToken) =>
        one.StreamVersion > 0 && await FindFirstRevisionAsync(one, cancellationToken) is not 0;

    public ValueTask DisposeAsync() => _log.DisposeAsync();

    private Task<long?> FindFirstRevisionAsync(RecordedEvent one, CancellationToken cancellationToken) =>
        TryAgain.RunAsync(() => _log.FindFirstRevisionAsync(one, cancellationToken), _options, cancellationToken);
}
