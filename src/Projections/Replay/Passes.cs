using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Projections.Definitions;
using Projections.Events;

namespace Projections.Replay;

/// <summary>
/// All passes over history that go on in this process. Versions that stand at one position read in one pass. Who begins later reads alone; those
/// that began not long before wait until it has come to where they are, and from there on all read as one. Who cannot keep up goes on alone, too.
/// </summary>
/// <param name="system">The system.</param>
internal sealed partial class Passes(ProjectionSystem system)
{
    /// <summary>For how long versions wait for one that is on its way, behind them, or slower than they are, before they go on without it.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>How many batches one version may have before it: enough to cover the pause of a commit, and at some 1 MB a batch little enough to forget about.</summary>
    private const int MostBatches = 7;

    /// <summary>So many may be in memory for all passes together, but one for each.</summary>
    private const int MostBatchesOfAll = 14;

    private readonly ILogger _logger = system.Loggers.CreateLogger<Passes>();
    private readonly Lock _lock = new();
    private readonly List<Pass> _passes = [];
    private int _expected;

    public TimeProvider Time => system.Time;

    private int Room => Math.Clamp(MostBatchesOfAll / Math.Max(1, _passes.Count), 1, MostBatches);

    /// <summary>A version is about to read. Whoever is to share its pass waits for it, until what is returned is disposed or handed to <see cref="ReadAsync"/>.</summary>
    public IDisposable Expect()
    {
        lock (_lock)
        {
            _expected++;
        }

        return new Expected(this);
    }

    /// <summary>
    /// Gives a version what lies after <paramref name="after"/>, with what others want besides: its fold leaves that out. The batches are the reader's
    /// own, as <see cref="EventBatch"/> says. What the source throws is thrown to all who share the pass.
    /// </summary>
    /// <param name="definition">The version.</param>
    /// <param name="share">The part of the streams that it wants, or <c>null</c> for all.</param>
    /// <param name="source">What it reads; those that read with others read <see cref="IEventSource.History"/>.</param>
    /// <param name="after">Where it is.</param>
    /// <param name="upTo">Where it ends; at or before a safe head that was looked up before.</param>
    /// <param name="shares">Whether it may read with others.</param>
    /// <param name="expected">What <see cref="Expect"/> returned for it, if it was expected.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async IAsyncEnumerable<EventBatch> ReadAsync(
        ProjectionVersion definition,
        StreamShare? share,
        IEventSource source,
        EventPosition after,
        EventPosition upTo,
        bool shares,
        IDisposable? expected,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var reader = new PassReader(definition, share, upTo);
        Enter(reader, source, after, shares);
        expected?.Dispose();
        try
        {
            await foreach (var batch in reader.ReadAllAsync(cancellationToken))
            {
                yield return batch;
                Folded(reader);
            }
        }
        finally
        {
            await LeaveAsync(reader);
        }
    }

    /// <summary>Waits for those who are on their way when a pass is about to begin.</summary>
    public async Task AwaitExpectedAsync(Pass pass, CancellationToken cancellationToken)
    {
        while (pass.IsShared && IsExpecting(out var moved) && Time.GetElapsedTime(pass.Began) < Patience)
        {
            await moved.WaitAsync(Patience, Time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellationToken.ThrowIfCancellationRequested();
        }

        bool IsExpecting(out Task moved)
        {
            lock (_lock)
            {
                moved = pass.Moved;
                return _expected > 0;
            }
        }
    }

    /// <summary>What is to be read next, or <c>null</c> when nobody is left to read for.</summary>
    public PassReading? Open(Pass pass)
    {
        lock (_lock)
        {
            if (pass.Readers.Count == 0)
            {
                Remove(pass);
                return null;
            }

            pass.IsOutdated = false;
            // What two shards of a version want is decoded by each for itself.
            var versions = pass.Readers.Select(reader => reader.Definition).Distinct().ToList();
            var filter = ProjectionRegistry.FilterOf(versions) with { Share = StreamShare.Covering(pass.Readers.ConvertAll(reader => reader.Share)) };
            return new PassReading(pass.Position, pass.Readers.Max(reader => reader.UpTo), filter, SharedDecoders.Of(versions));
        }
    }

    /// <summary>Gives a batch to all versions of a pass, as soon as each has room for it and nobody is waited for.</summary>
    /// <param name="pass">The pass.</param>
    /// <param name="batch">The next batch; it is the readers' if it was given.</param>
    /// <param name="decoded">What it was decoded to; the readers', too.</param>
    /// <param name="waited">For how long this has been tried.</param>
    /// <returns>Whether it was given, or <c>null</c> when it is to be tried again once something has moved; <c>false</c> when it is of no use any more.</returns>
    public (bool? Given, Task Moved) TryGive(Pass pass, EventBatch batch, DecodedEvents? decoded, TimeSpan waited)
    {
        lock (_lock)
        {
            if (pass.IsOutdated || pass.Readers.Count == 0)
            {
                return (false, Task.CompletedTask);
            }

            if (AwaitsOthers(pass) || (HasFull(pass) && !TrySetApart(pass, waited)))
            {
                return (null, pass.Moved);
            }

            var met = FindMet(pass, batch.Through);
            var given = met is null || met.Position > pass.Position;
            if (given)
            {
                Give(pass, batch, decoded, met?.Position ?? batch.Through);
            }

            if (met is not null)
            {
                Join(pass, met);
            }

            return (given, Task.CompletedTask);
        }
    }

    /// <summary>The source has given all that there is up to a position.</summary>
    public void Finish(Pass pass, EventPosition upTo)
    {
        lock (_lock)
        {
            // Who has come meanwhile has not got what was read for the others.
            if (!pass.IsOutdated)
            {
                Advance(pass, EventPosition.Max(pass.Position, upTo));
            }
        }
    }

    public void Fail(Pass pass, Exception exception)
    {
        lock (_lock)
        {
            pass.Readers.ForEach(reader => reader.End(exception));
            pass.Readers.Clear();
            Remove(pass);
        }
    }

    private void Enter(PassReader reader, IEventSource source, EventPosition after, bool shares)
    {
        lock (_lock)
        {
            if (shares && _passes.Find(pass => pass.IsShared && pass.Position == after) is { } found)
            {
                Add(found, reader);
                return;
            }

            Begin(new Pass(this, source, after, shares, Time.GetTimestamp()), reader);
        }
    }

    private void Begin(Pass pass, PassReader reader)
    {
        _passes.Add(pass);
        pass.Add(reader);
        pass.Start();
    }

    private void Add(Pass pass, PassReader reader)
    {
        pass.Add(reader);
        pass.Signal();
        LogShares(_logger, reader.Definition.Id, pass.Position, pass.Readers.Count - 1);
    }

    private void Folded(PassReader reader)
    {
        lock (_lock)
        {
            reader.Folded();
            reader.Pass.Signal();
        }
    }

    private async Task LeaveAsync(PassReader reader)
    {
        List<Pass> left;
        lock (_lock)
        {
            reader.End();
            reader.Pass.Readers.Remove(reader);
            left = reader.Passes.FindAll(pass => pass.Readers.Count == 0);
            left.ForEach(Remove);
            SignalAll();
        }

        reader.Drop();
        // Nothing is read any more once nobody wants it.
        foreach (var pass in left)
        {
            await pass.DisposeAsync();
        }
    }

    /// <summary>Whether somebody is behind who began at about the same time, and so is not far behind.</summary>
    private bool AwaitsOthers(Pass pass) => pass.IsShared && _passes.Exists(other =>
        other.IsShared && other.Position < pass.Position && Time.GetElapsedTime(other.Began) < Patience && Time.GetElapsedTime(pass.Began, other.Began) < Patience);

    private bool HasFull(Pass pass) => pass.Readers.Exists(reader => reader.Waiting >= Room);

    /// <summary>Lets those go on alone for whom others have waited for long.</summary>
    private bool TrySetApart(Pass pass, TimeSpan waited)
    {
        if (waited < Patience || !pass.Readers.Exists(reader => reader.Waiting == 0))
        {
            return false;
        }

        foreach (var slow in pass.Readers.FindAll(reader => reader.Waiting >= Room))
        {
            pass.Readers.Remove(slow);
            Begin(new Pass(this, pass.Source, pass.Position, isShared: true, pass.Began), slow);
            LogApart(_logger, slow.Definition.Id, pass.Position);
        }

        return true;
    }

    /// <summary>The pass that stands nearest ahead, if the next batch reaches it. One that has no room for more is left where it is.</summary>
    private Pass? FindMet(Pass pass, EventPosition through) => pass.IsShared
        ? _passes.FindAll(other => other != pass && other.IsShared && other.Position >= pass.Position && other.Position <= through && !HasFull(other)).MinBy(other => other.Position)
        : null;

    private void Join(Pass pass, Pass met)
    {
        pass.Readers.ForEach(reader => Add(met, reader));
        pass.Readers.Clear();
        Remove(pass);
    }

    private void Give(Pass pass, EventBatch batch, DecodedEvents? decoded, EventPosition through)
    {
        var upTo = pass.Readers.ConvertAll(reader => EventPosition.Min(through, reader.UpTo));
        if (pass.Readers is [var only] && decoded is null && upTo[0] == batch.Through)
        {
            only.Give(batch);
        }
        else
        {
            var shared = new SharedBatch(batch, decoded, pass.Readers.Count);
            for (var i = 0; i < upTo.Count; i++)
            {
                pass.Readers[i].Give(shared.UpTo(upTo[i]));
            }
        }

        Advance(pass, through);
    }

    private void Advance(Pass pass, EventPosition position)
    {
        pass.Position = position;
        foreach (var done in pass.Readers.FindAll(reader => reader.UpTo <= position))
        {
            done.End();
            pass.Readers.Remove(done);
        }

        SignalAll();
    }

    private void Remove(Pass pass)
    {
        _passes.Remove(pass);
        SignalAll();
    }

    // Who waits for somebody behind or for room looks again.
    private void SignalAll() => _passes.ForEach(pass => pass.Signal());

    private sealed class Expected(Passes passes) : IDisposable
    {
        private bool _came;

        public void Dispose()
        {
            lock (passes._lock)
            {
                if (!_came)
                {
                    _came = true;
                    passes._expected--;
                    passes.SignalAll();
                }
            }
        }
    }

    [LoggerMessage(206, LogLevel.Information, "{Version} reads history from {Position} on together with {Others} others.")]
    private static partial void LogShares(ILogger logger, VersionId version, EventPosition position, int others);

    [LoggerMessage(207, LogLevel.Information, "{Version} has fallen behind those that it read history with; from {Position} on it reads alone until it has come up with them.")]
    private static partial void LogApart(ILogger logger, VersionId version, EventPosition position);
}
