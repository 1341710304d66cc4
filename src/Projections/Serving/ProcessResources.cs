using Projections.Replay;

namespace Projections.Serving;

/// <summary>What all databases that a process serves share, so that more of them do not take more of it.</summary>
internal sealed class ProcessResources : IDisposable
{
    /// <summary>How many rebuilds may build their indexes at a time.</summary>
    private const int MostIndexBuilds = 2;

    private int _databases;

    /// <param name="options">How the engine works.</param>
    public ProcessResources(ProjectionsOptions options)
    {
        ReplayMemory = new ReplayMemory(options.ReplayRowBytes);
        RebuildTurns = new SemaphoreSlim(options.ConcurrentRebuilds);
    }

    /// <summary>What the rebuilds may keep in memory.</summary>
    public ReplayMemory ReplayMemory { get; }

    /// <summary>Turns at building indexes: each takes memory and processors of the server.</summary>
    public SemaphoreSlim IndexTurns { get; } = new(MostIndexBuilds);

    /// <summary>Turns at rebuilding what readers do not see yet.</summary>
    public SemaphoreSlim RebuildTurns { get; }

    /// <summary>How many databases are open.</summary>
    public int Databases => Math.Max(1, Volatile.Read(ref _databases));

    /// <summary>Another database is open, until what is returned is disposed.</summary>
    public IDisposable Enter()
    {
        Interlocked.Increment(ref _databases);
        return new Place(this);
    }

    /// <summary>
    /// How often what costs the same whether anything happens or not is done for each of so many databases: as usual while there are few of them, and so seldom
    /// that all together cost no more when there are many.
    /// </summary>
    /// <param name="usual">How often for one.</param>
    /// <param name="perDatabase">How long for each that there is, at least.</param>
    /// <param name="databases">How many there are.</param>
    public static TimeSpan Pace(TimeSpan usual, TimeSpan perDatabase, int databases) => perDatabase * databases > usual ? perDatabase * databases : usual;

    /// <inheritdoc cref="Pace(TimeSpan, TimeSpan, int)"/>
    public TimeSpan Pace(TimeSpan usual, TimeSpan perDatabase) => Pace(usual, perDatabase, Databases);

    public void Dispose()
    {
        IndexTurns.Dispose();
        RebuildTurns.Dispose();
    }

    private sealed class Place(ProcessResources process) : IDisposable
    {
        private int _left;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _left, 1) == 0)
            {
                Interlocked.Decrement(ref process._databases);
            }
        }
    }
}
