namespace Projections.Replay;

/// <summary>The memory for the rows of rebuilds. Those that run at the same time in one process have equal shares of it.</summary>
/// <param name="bytes">All of it.</param>
internal sealed class ReplayMemory(long bytes)
{
    private int _builds;

    /// <summary>What one of them may take at this moment.</summary>
    public long Share => bytes / Math.Max(1, Volatile.Read(ref _builds));

    /// <summary>Another one begins; it ends when what is returned is disposed.</summary>
    public IDisposable Enter()
    {
        Interlocked.Increment(ref _builds);
        return new Part(this);
    }

    private sealed class Part(ReplayMemory memory) : IDisposable
    {
        private int _left;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _left, 1) == 0)
            {
                Interlocked.Decrement(ref memory._builds);
            }
        }
    }
}
