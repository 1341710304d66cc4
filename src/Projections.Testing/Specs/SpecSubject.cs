using Npgsql;
using Projections.Definitions;
using Projections.SqlProjections;
using Projections.Tables;
using Projections.Testing.Folding;

namespace Projections.Testing.Specs;

/// <summary>The version that a spec is about, and how its rows are told apart and shown.</summary>
internal abstract class SpecSubject<TKey, TRow>(ProjectionVersion version)
{
    public ProjectionVersion Version { get; } = version;

    /// <summary>Where the version is folded without a database, or <c>null</c> where it cannot be.</summary>
    public abstract IMemoryGround? Memory { get; }

    /// <summary>A key as <see cref="FoundRow.Key"/> has it.</summary>
    public abstract string KeyText(TKey key);

    /// <summary>A row that a spec expects.</summary>
    public abstract FoundRow Show(TRow row);

    /// <summary>The rows that a reader gives, in the order of their keys.</summary>
    /// <param name="reader">The table's columns; those of the primary key come first, as often as <paramref name="keyColumns"/> says.</param>
    /// <param name="keyColumns">How many columns the primary key has.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    public abstract Task<IReadOnlyList<FoundRow>> ReadAsync(NpgsqlDataReader reader, int keyColumns, CancellationToken cancellationToken);
}

/// <summary>A version whose rows have a class.</summary>
internal sealed class TableSubject<TKey, TRow>(TableProjection<TKey, TRow> version) : SpecSubject<TKey, TRow>(version)
    where TKey : notnull
    where TRow : class, new()
{
    private readonly Lazy<RowShape<TKey, TRow>> _shape = new(() => new(version.Mapping));

    public override IMemoryGround? Memory { get; } = version.FindProblems().Count == 0 ? new MemoryGround<TKey, TRow>(version) : null;

    public override string KeyText(TKey key) => _shape.Value.KeyText(key);

    public override FoundRow Show(TRow row)
    {
        // A number gets the decimal places of its column, a time its microseconds.
        var settled = version.Mapping.Copy(row);
        try
        {
            version.Mapping.Settle(settled);
        }
        catch (UnstorableValue)
        {
            // No row can have it, so it is shown as it was written.
        }

        return _shape.Value.Show(settled);
    }

    public override async Task<IReadOnlyList<FoundRow>> ReadAsync(NpgsqlDataReader reader, int keyColumns, CancellationToken cancellationToken)
    {
        var rows = new List<TRow>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(version.Mapping.Read(reader));
        }

        return _shape.Value.Show(rows);
    }
}

/// <summary>A version made of statements.</summary>
internal sealed class SqlSubject(SqlProjection version) : SpecSubject<object, SqlRow>(version)
{
    public override IMemoryGround? Memory => null;

    public override string KeyText(object key) => ValueText.OfKey(key is System.Runtime.CompilerServices.ITuple parts ? Enumerable.Range(0, parts.Length).Select(i => parts[i]) : new[] { key });

    public override FoundRow Show(SqlRow row) => throw new NotSupportedException();

    public override async Task<IReadOnlyList<FoundRow>> ReadAsync(NpgsqlDataReader reader, int keyColumns, CancellationToken cancellationToken)
    {
        var names = Enumerable.Range(0, reader.FieldCount).Select(reader.GetName).ToList();
        var rows = new List<object?[]>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var values = new object?[reader.FieldCount];
            for (var column = 0; column < values.Length; column++)
            {
                values[column] = await reader.IsDBNullAsync(column, cancellationToken) ? null : reader.GetValue(column);
            }

            rows.Add(values);
        }

        return [.. rows
            .OrderBy(values => values[..keyColumns], KeyOrder.Instance)
            .Select(values => new FoundRow(ValueText.OfKey(values[..keyColumns]), Array.ConvertAll(values, ValueText.Of), new SqlRow(names, values)))];
    }
}
