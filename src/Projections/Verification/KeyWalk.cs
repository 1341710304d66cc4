namespace Projections.Verification;

/// <summary>
/// Goes through the keys of two tables, a range at a time, each as large as can be compared in a short time. Where rows lie in no order of their keys, every range
/// costs a look at almost every page, however small it is: what that costs is found out by two ranges of different size. Where it is most of what a range may take, short
/// snapshots would take many times as long as one, and the rest is compared in one.
/// </summary>
/// <param name="after">The key behind which it begins, or <c>null</c> for the beginning.</param>
/// <param name="boundaries">The keys that divide what follows into parts of like size; only at them a range begins or ends.</param>
/// <param name="parts">How many parts the first range has.</param>
/// <param name="aim">How long a range is to take.</param>
internal sealed class KeyWalk(string[]? after, IReadOnlyList<string[]> boundaries, int parts, TimeSpan aim)
{
    private const int Growth = 4;

    // Of so many parts the rows that differ are looked for at once: among random keys smaller ones would cost as much.
    private const int SearchedParts = 16;

    private int _begun;
    private int _parts = parts;
    private (int Parts, TimeSpan Took)? _last;
    private TimeSpan? _ofAnyRange;

    public bool IsOver => _begun > boundaries.Count;

    /// <summary>Whether the next range is all that is left, however long it takes.</summary>
    public bool TakesTheRest => _parts == int.MaxValue;

    /// <summary>Whether the next range has parts.</summary>
    public bool CanDivide => _parts > 1 && _begun < boundaries.Count;

    /// <summary>Whether the next range is too large to look for the rows that differ.</summary>
    public bool IsTooLargeToSearch => End - _begun > SearchedParts;

    public KeyRange Next => new(_begun == 0 ? after : boundaries[_begun - 1], End > boundaries.Count ? null : boundaries[End - 1]);

    private int End => (int)Math.Min((long)_begun + _parts, boundaries.Count + 1);

    private bool RangesAreDear => _ofAnyRange > aim / 2;

    /// <summary>Makes the next range a smaller one.</summary>
    public void Divide() => _parts = Math.Max(1, (End - _begun) / Growth);

    /// <summary>Makes the next range another one, as it took longer than it may.</summary>
    public void GiveUp(TimeSpan limit)
    {
        Learn(End - _begun, limit);
        if (RangesAreDear)
        {
            _parts = int.MaxValue;
        }
        else
        {
            Divide();
        }
    }

    /// <summary>Goes on behind the next range, whose rows were equal.</summary>
    /// <param name="took">How long it took, which says how large the one behind it may be.</param>
    public void Advance(TimeSpan took)
    {
        var compared = End - _begun;
        _begun = End;
        Learn(compared, took);
        _parts = RangesAreDear ? int.MaxValue
            : _ofAnyRange is not { } any ? compared * Growth
            : (int)Math.Clamp(compared * ((aim - any) / TimeSpan.FromTicks(Math.Max(1, (took - any).Ticks))), 1, boundaries.Count + 1);
    }

    /// <summary>Goes on behind the next range, in which rows differed: the one behind it is as large.</summary>
    public void Pass()
    {
        _parts = End - _begun;
        _begun = End;
    }

    private void Learn(int compared, TimeSpan took)
    {
        if (_last is { } last && (compared >= 2 * last.Parts || last.Parts >= 2 * compared))
        {
            var ofAPart = (took - last.Took) / (compared - last.Parts);
            var ofAnyRange = took - (ofAPart * compared);
            _ofAnyRange = TimeSpan.FromTicks(Math.Clamp(ofAnyRange.Ticks, 0, took.Ticks));
        }

        _last = (compared, took);
    }
}
