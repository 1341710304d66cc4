namespace Projections.Verification;

/// <summary>
/// Goes through the keys of two tables, a range at a time, each as large as can be compared in a short time: with random keys every range costs a look
/// at almost every page, so few ranges are quick, and large ones hold vacuum back.
/// </summary>
/// <param name="after">The key behind which it begins, or <c>null</c> for the beginning.</param>
/// <param name="boundaries">The keys that divide what follows into parts of like size; only at them a range begins or ends.</param>
/// <param name="parts">How many parts the first range has.</param>
/// <param name="aim">How long a range is to take.</param>
internal sealed class KeyWalk(string[]? after, IReadOnlyList<string[]> boundaries, int parts, TimeSpan aim)
{
    private const int MostGrowth = 4;

    private int _begun;
    private int _parts = parts;

    public bool IsOver => _begun > boundaries.Count;

    /// <summary>Whether the next range has parts.</summary>
    public bool CanDivide => _parts > 1 && _begun < boundaries.Count;

    public KeyRange Next => new(_begun == 0 ? after : boundaries[_begun - 1], End > boundaries.Count ? null : boundaries[End - 1]);

    private int End => (int)Math.Min((long)_begun + _parts, boundaries.Count + 1);

    /// <summary>Makes the next range a smaller one.</summary>
    public void Divide() => _parts = Math.Max(1, (End - _begun) / MostGrowth);

    /// <summary>Goes on behind the next range.</summary>
    /// <param name="took">How long it took, which says how large the one behind it may be.</param>
    public void Advance(TimeSpan took)
    {
        var compared = End - _begun;
        _begun = End;
        _parts = Math.Max(1, (int)Math.Min(compared * MostGrowth, compared * (aim / took)));
    }
}
