using System.Threading.Channels;

namespace Projections.Web.Live;

/// <summary>One who watches. Whoever is slow misses moments, and gets the newest.</summary>
internal sealed class StatusSubscription(StatusFeed feed) : IDisposable
{
    private readonly Channel<StatusMoment> _moments = Channel.CreateBounded<StatusMoment>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });

    /// <summary>Waits for the next moment.</summary>
    /// <returns><c>null</c> when the watching is over.</returns>
    public async Task<StatusMoment?> NextAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _moments.Reader.ReadAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    public void Publish(StatusMoment moment) => _moments.Writer.TryWrite(moment);

    public void Dispose() => feed.Unsubscribe(this);
}
