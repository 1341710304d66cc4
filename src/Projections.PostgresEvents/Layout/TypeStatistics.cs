namespace Projections.PostgresEvents.Layout;

/// <summary>What the server's statistics know of the event types: the frequent ones, most frequent first, and their share of all events.</summary>
internal sealed class TypeStatistics(IReadOnlyList<string> frequent, IReadOnlyList<float> shares)
{
    // From here on it is quicker to read what is not wanted than to compare the type of each event with a list.
    private const double NearlyAll = 0.95;

    /// <summary>Whether nearly all events are of these types.</summary>
    public bool AreNearlyAll(IReadOnlySet<string> types)
    {
        var share = 0.0;
        for (var i = 0; i < frequent.Count; i++)
        {
            share += types.Contains(frequent[i]) ? shares[i] : 0;
        }

        return share >= NearlyAll;
    }

    /// <summary>The same types, the most frequent first.</summary>
    public IEnumerable<string> Order(IReadOnlySet<string> types) =>
        frequent.Where(types.Contains).Concat(types.Except(frequent).Order(StringComparer.Ordinal));
}
