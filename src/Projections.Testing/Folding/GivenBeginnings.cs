using Projections.Events;
using Projections.Testing.Specs;

namespace Projections.Testing.Folding;

/// <summary>Where the streams of a history begin, as a store would say.</summary>
internal sealed class GivenBeginnings
{
    private readonly Dictionary<StreamId, long> _first = [];

    public void Clear() => _first.Clear();

    /// <summary>Events that come, in order.</summary>
    public void Note(IEnumerable<RecordedEvent> events)
    {
        foreach (var one in events)
        {
            _first.TryAdd(one.Stream, one.StreamVersion);
        }
    }

    public Task<bool> AreLostAsync(RecordedEvent one, CancellationToken cancellationToken) =>
        Task.FromResult(_first[one.Stream] > GivenEvents.FirstOfStream);
}
