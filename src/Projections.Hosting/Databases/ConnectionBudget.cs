using Projections.Serving;

namespace Projections.Hosting.Databases;

/// <summary>The connections of a process, and what is left of them.</summary>
/// <param name="each">How many a database may have.</param>
/// <param name="connections">All that there may be; <c>null</c> for as many as there are databases for.</param>
internal sealed class ConnectionBudget(int each, int? connections)
{
    private readonly Lock _lock = new();
    private int _taken;

    /// <summary>Takes a database's share; it is given back when what is returned is disposed.</summary>
    /// <exception cref="InvalidOperationException">Too few are left.</exception>
    public Share Take()
    {
        lock (_lock)
        {
            if (connections - _taken < each)
            {
                throw new InvalidOperationException(
                    $"There are no connections left for it: {_taken} of the {connections} that '{DatabaseList.Section}:{nameof(DatabaseListOptions.Connections)}' allows are given to other databases, and it needs {each}. Allow more, or serve it by another program.");
            }

            _taken += each;
            return new Share(this, each);
        }
    }

    private void GiveBack(int size)
    {
        lock (_lock)
        {
            _taken -= size;
        }
    }

    /// <summary>The connections of one database.</summary>
    internal sealed class Share(ConnectionBudget budget, int size) : IDisposable
    {
        private int _givenBack;

        public ConnectionShare Connections { get; } = ConnectionShare.Of(size);

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _givenBack, 1) == 0)
            {
                budget.GiveBack(size);
            }
        }
    }
}
