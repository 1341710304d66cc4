namespace Projections.Definitions;

/// <summary>
/// What is meant to differ between the rows of an earlier version and those of the version that declares it, so that a comparison
/// of the two shows only what is not meant.
/// </summary>
/// <example><code>
/// protected override void DefineChanges(VersionChanges changes) =>
///     changes.Renamed("total", "gross").Computed("tax_cents", "round(tax * 100)").DropsRows("cancelled");
/// </code></example>
public sealed class VersionChanges
{
    private readonly Dictionary<string, string> _computed = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _renamed = new(StringComparer.Ordinal);
    private readonly HashSet<string> _different = new(StringComparer.Ordinal);
    private readonly List<string> _dropped = [];
    private readonly List<string> _added = [];

    internal VersionChanges(int since) => Since = since;

    /// <summary>The number of the earlier version, for a declaration that is not the same for all of them.</summary>
    public int Since { get; }

    /// <summary>New names of columns, by the earlier version's name.</summary>
    internal IReadOnlyDictionary<string, string> RenamedColumns => _renamed;

    /// <summary>SQL expressions over the earlier version's columns, by this version's column.</summary>
    internal IReadOnlyDictionary<string, string> ComputedColumns => _computed;

    internal IReadOnlySet<string> DifferentColumns => _different;

    /// <summary>SQL conditions on the earlier version's rows.</summary>
    internal IReadOnlyList<string> DroppedRows => _dropped;

    /// <summary>SQL conditions on this version's rows.</summary>
    internal IReadOnlyList<string> AddedRows => _added;

    /// <summary>The column <paramref name="to"/> holds what the earlier version's <paramref name="from"/> held.</summary>
    public VersionChanges Renamed(string from, string to)
    {
        _renamed.Add(from, to);
        return this;
    }

    /// <summary>
    /// The column holds what <paramref name="expression"/>, an SQL expression over the earlier version's columns, gives for the
    /// earlier row: another unit, a rounding, a text for a flag.
    /// </summary>
    public VersionChanges Computed(string column, string expression)
    {
        _computed.Add(column, expression);
        return this;
    }

    /// <summary>The column has another meaning now and cannot be worked out from the earlier one; it is left out of the comparison.</summary>
    public VersionChanges Different(string column)
    {
        _different.Add(column);
        return this;
    }

    /// <summary>Rows of the earlier version for which <paramref name="condition"/> (SQL over its columns) holds are gone on purpose.</summary>
    public VersionChanges DropsRows(string condition)
    {
        _dropped.Add(condition);
        return this;
    }

    /// <summary>Rows of this version for which <paramref name="condition"/> (SQL over its columns) holds are new on purpose.</summary>
    public VersionChanges AddsRows(string condition)
    {
        _added.Add(condition);
        return this;
    }
}
