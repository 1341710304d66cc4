namespace Projections.PostgresEvents.Heads;

/// <summary>
/// The proof under way that all numbers up to one are settled. The sequence stood at <see cref="Last"/>; only then was it looked
/// which transactions were writing. <c>nextval</c> takes a lock on the sequence and keeps it to the transaction's end (also past
/// a rollback to a savepoint, and in a prepared transaction), so whoever drew a number up to <see cref="Last"/> is among
/// these or has ended, and what has ended is visible to every later snapshot.
/// </summary>
internal sealed class Fence
{
    private readonly Dictionary<string, Writer> _waitingFor = new(StringComparer.Ordinal);

    public Fence(long last, DateTimeOffset since, IEnumerable<Writer> writers)
    {
        Last = last;
        Since = since;
        foreach (var writer in writers)
        {
            _waitingFor[writer.Transaction] = writer;
        }
    }

    public long Last { get; }

    public DateTimeOffset Since { get; }

    /// <summary>Who has not ended yet.</summary>
    public IReadOnlyCollection<Writer> WaitingFor => _waitingFor.Values;

    /// <summary>Takes off those that are not writing any more.</summary>
    /// <param name="writing">Who is writing now, by transaction.</param>
    /// <param name="appeared">Those of them that were not there at the look before.</param>
    public void Update(IReadOnlyDictionary<string, Writer> writing, IEnumerable<Writer> appeared)
    {
        var someAreGone = false;
        foreach (var transaction in _waitingFor.Keys)
        {
            if (writing.TryGetValue(transaction, out var writer))
            {
                _waitingFor[transaction] = writer;
            }
            else
            {
                _waitingFor.Remove(transaction);
                someAreGone = true;
            }
        }

        if (!someAreGone)
        {
            return;
        }

        // One that is gone may be one of those that appeared, on its way into a prepared transaction.
        foreach (var writer in appeared)
        {
            if (writer.IsChanging)
            {
                _waitingFor[writer.Transaction] = writer;
            }
        }
    }
}
