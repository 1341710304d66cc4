namespace Projections.Workers;

/// <summary>Since when each of some things has been seen to be so, look after look without a break.</summary>
/// <param name="time">The clock.</param>
internal sealed class Lasting<T>(TimeProvider time)
    where T : notnull
{
    private readonly Dictionary<T, long> _since = [];

    /// <summary>All that is so at this look: what is not among it begins anew.</summary>
    public void Note(IReadOnlyCollection<T> now)
    {
        foreach (var past in _since.Keys.Except(now).ToList())
        {
            _since.Remove(past);
        }

        var moment = time.GetTimestamp();
        foreach (var one in now)
        {
            _since.TryAdd(one, moment);
        }
    }

    /// <summary>Whether it has been so for as long.</summary>
    public bool HasLasted(T one, TimeSpan patience) => _since.TryGetValue(one, out var since) && time.GetElapsedTime(since) >= patience;
}
