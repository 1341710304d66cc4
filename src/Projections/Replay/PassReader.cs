using System.Threading.Channels;
using Projections.Definitions;
using Projections.Events;

namespace Projections.Replay;

/// <summary>A version's place in a pass: what it wants, and what it was given and has not folded yet. Changed under the lock of <see cref="Passes"/>.</summary>
/// <param name="definition">The version.</param>
/// <param name="share">The part of the streams that it wants, or <c>null</c> for all.</param>
/// <param name="upTo">Where it stops reading.</param>
internal sealed class PassReader(ProjectionVersion definition, StreamShare? share, EventPosition upTo)
{
    private readonly Channel<EventBatch> _given = Channel.CreateUnbounded<EventBatch>();

    public ProjectionVersion Definition { get; } = definition;

    public StreamShare? Share { get; } = share;

    public EventPosition UpTo { get; } = upTo;

    /// <summary>The passes that it has been in; in the last of them it is.</summary>
    public List<Pass> Passes { get; } = [];

    public Pass Pass => Passes[^1];

    /// <summary>How many batches it has, with the one that it is folding.</summary>
    public int Waiting { get; private set; }

    /// <summary>What it is given. Fails as the pass does.</summary>
    public IAsyncEnumerable<EventBatch> ReadAllAsync(CancellationToken cancellationToken) => _given.Reader.ReadAllAsync(cancellationToken);

    public void Enter(Pass pass) => Passes.Add(pass);

    public void Give(EventBatch batch)
    {
        Waiting++;
        _given.Writer.TryWrite(batch);
    }

    /// <summary>It has folded the batch that was given first.</summary>
    public void Folded() => Waiting--;

    /// <summary>There is no more.</summary>
    public void End(Exception? because = null) => _given.Writer.TryComplete(because);

    /// <summary>Gives back what it will not fold any more.</summary>
    public void Drop()
    {
        while (_given.Reader.TryRead(out var batch))
        {
            batch.Dispose();
        }
    }
}
