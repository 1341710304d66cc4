using Projections.Definitions;
using Projections.Postgres;
using Projections.Tables;

namespace Projections.Verification;

/// <summary>Which columns and rows of two tables are compared, and how.</summary>
internal sealed class ComparisonPlan
{
    private ComparisonPlan(ComparedTable earlier, ComparedTable later, IReadOnlyList<ComparedColumn> columns, IReadOnlyList<ColumnLeftOut> leftOut)
    {
        Earlier = earlier;
        Later = later;
        Columns = columns;
        LeftOut = leftOut;
    }

    public ComparedTable Earlier { get; }

    public ComparedTable Later { get; }

    /// <summary>The key's columns first, in the order of the later table's key, then the others in that table's order.</summary>
    public IReadOnlyList<ComparedColumn> Columns { get; }

    public IReadOnlyList<ColumnLeftOut> LeftOut { get; }

    /// <param name="earlierName">The earlier table's name, quoted, with its schema.</param>
    /// <param name="earlier">Its shape.</param>
    /// <param name="laterName">The later table's name, quoted, with its schema.</param>
    /// <param name="later">Its shape.</param>
    /// <param name="changes">What is meant to differ, or <c>null</c> for nothing.</param>
    /// <exception cref="NotComparable">The rows of the two have no key in common, or a declared change does not fit the tables.</exception>
    public static ComparisonPlan Of(string earlierName, TableShape earlier, string laterName, TableShape later, VersionChanges? changes)
    {
        changes ??= new VersionChanges(0);
        RefuseUnknownColumns(earlier, later, changes);
        var columns = new List<ComparedColumn>();
        var leftOut = new List<ColumnLeftOut>();
        var used = new HashSet<string>(StringComparer.Ordinal);
        var sameOrder = earlier.KeyCollations is { } collations && collations == later.KeyCollations;
        foreach (var column in later.Columns)
        {
            Add(column, earlier, sameOrder, changes, used, columns, leftOut);
        }

        leftOut.AddRange(earlier.Columns
            .Where(column => !used.Contains(column.Name) && leftOut.TrueForAll(known => known.Name != column.Name))
            .Select(column => new ColumnLeftOut(column.Name, $"only {earlier.Table} has it")));
        RefuseOtherKey(earlier, later, columns);
        return new ComparisonPlan(
            new ComparedTable(earlierName, changes.DroppedRows),
            new ComparedTable(laterName, changes.AddedRows),
            [.. columns.OrderBy(column => column.Key?.Ordinal ?? int.MaxValue)],
            leftOut);
    }

    private static void Add(
        ColumnDefinition column,
        TableShape earlier,
        bool sameOrder,
        VersionChanges changes,
        HashSet<string> used,
        List<ComparedColumn> columns,
        List<ColumnLeftOut> leftOut)
    {
        if (changes.DifferentColumns.Contains(column.Name))
        {
            leftOut.Add(new ColumnLeftOut(column.Name, "declared to have another meaning"));
            return;
        }

        if (changes.ComputedColumns.TryGetValue(column.Name, out var expression))
        {
            var type = ComparedType.WithoutModifier(column.Type);
            columns.Add(new ComparedColumn(column.Name, $"({expression})::{type}", SqlName.Quote(column.Name), ComparedType.Of(type, type)!));
            used.Add(column.Name);
            return;
        }

        var oldName = changes.RenamedColumns.FirstOrDefault(renamed => renamed.Value == column.Name).Key ?? column.Name;
        if (earlier.Columns.FirstOrDefault(old => old.Name == oldName) is not { } before || (oldName == column.Name && changes.RenamedColumns.ContainsKey(oldName)))
        {
            leftOut.Add(new ColumnLeftOut(column.Name, "new"));
        }
        else if (ComparedType.Of(before.Type, column.Type) is { } compared)
        {
            used.Add(oldName);
            columns.Add(new ComparedColumn(column.Name, SqlName.Quote(oldName), SqlName.Quote(column.Name), compared, KeyOf(before, column, sameOrder, compared)));
        }
        else
        {
            used.Add(oldName);
            leftOut.Add(new ColumnLeftOut(column.Name, $"{before.Type} and {column.Type} cannot be compared; declare how the one follows from the other by Computed in DefineChanges"));
        }
    }

    private static ComparedKey? KeyOf(ColumnDefinition before, ColumnDefinition column, bool sameOrder, ComparedType compared) =>
        before.KeyOrdinal == 0 || column.KeyOrdinal == 0 ? null
        : (sameOrder && before.Type == column.Type && before.KeyOrdinal == column.KeyOrdinal) || compared.Cast.Length == 0 ? new ComparedKey(column.KeyOrdinal, "", $"::{column.Type}")
        : compared.IsWholeNumber ? new ComparedKey(column.KeyOrdinal, "", compared.Cast)
        : new ComparedKey(column.KeyOrdinal, compared.Cast, compared.Cast);

    private static void RefuseUnknownColumns(TableShape earlier, TableShape later, VersionChanges changes)
    {
        var problems = changes.RenamedColumns.Keys.Where(name => !Has(earlier, name)).Select(name => $"{earlier.Table} has no column '{name}'")
            .Concat(changes.RenamedColumns.Values.Concat(changes.ComputedColumns.Keys).Concat(changes.DifferentColumns)
                .Where(name => !Has(later, name)).Select(name => $"{later.Table} has no column '{name}'"))
            .ToList();
        if (problems.Count > 0)
        {
            throw new NotComparable($"The changes that are declared between {earlier.Table} and {later.Table} do not fit the tables: {string.Join(", ", problems)}. Correct DefineChanges.");
        }
    }

    private static void RefuseOtherKey(TableShape earlier, TableShape later, List<ComparedColumn> columns)
    {
        var keys = columns.Count(column => column.IsKey);
        if (keys == 0 || keys != KeyOf(earlier).Count || keys != KeyOf(later).Count)
        {
            throw new NotComparable(
                $"The rows of {earlier.Table} and {later.Table} cannot be matched: the key of the one is ({string.Join(", ", KeyOf(earlier))}), of the other ({string.Join(", ", KeyOf(later))}). Where a key column has another name, declare it by Renamed in DefineChanges; else compare each version with its own events ('--against-events').");
        }
    }

    private static List<string> KeyOf(TableShape shape) =>
        [.. shape.Columns.Where(column => column.KeyOrdinal > 0).OrderBy(column => column.KeyOrdinal).Select(column => column.Name)];

    private static bool Has(TableShape shape, string column) => shape.Columns.Any(known => known.Name == column);
}
