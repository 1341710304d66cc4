using Projections.Serving;

namespace Projections.Hosting.Databases;

/// <summary>The connections of a process, and what is left of them.</summary>
/// <param name="connections">All that there may be; <c>null</c> for as many as are wanted.</param>
internal sealed class ConnectionBudget(int? connections)
{
    private readonly Lock _lock = new();
    private int _taken;

    /// <summary>Takes a database's share; it is given back when what is returned is disposed.</summary>
    /// <param name="databases">Among how many all are to be divided.</param>
    /// <exception cref="InvalidOperationException">Too few are left.</exception>
    public Share Take(int databases)
    {
        lock (_lock)
        {
            var size = ConnectionShare.Most;
            if (connections is { } all)
            {
                size = Math.Min(Math.Clamp(all / Math.Max(1, databases), ConnectionShare.Least, ConnectionShare.Most), all - _taken);
                if (size < ConnectionShare.Least)
                {
                    throw new InvalidOperationException(
                        $"There are no connections left for it: {_taken} of the {all} that '{DatabaseList.Section}:{nameof(DatabaseListOptions.Connections)}' allows are given to other databases, and it needs {ConnectionShare.Least}. Allow more, or serve it by another program.");
                }
            }

            _taken += size;
            return new Share(this, size);
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
