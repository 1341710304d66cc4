using System.Diagnostics.CodeAnalysis;

namespace Projections.Testing;

/// <summary>A row of a version that has no row type, by the names of its columns.</summary>
[SuppressMessage("Naming", "CA1710", Justification = "It is a row.")]
public sealed class SqlRow
{
    private readonly IReadOnlyList<string> _columns;
    private readonly object?[] _values;

    internal SqlRow(IReadOnlyList<string> columns, object?[] values) => (_columns, _values) = (columns, values);

    /// <summary>The value of a column as Npgsql reads it; <c>null</c> for NULL.</summary>
    /// <exception cref="ArgumentException">There is no such column.</exception>
    public object? this[string column]
    {
        get
        {
            for (var i = 0; i < _columns.Count; i++)
            {
                if (_columns[i] == column)
                {
                    return _values[i];
                }
            }

            throw new ArgumentException($"There is no column '{column}'. There are {string.Join(", ", _columns)}.", nameof(column));
        }
    }

    /// <summary>The value of a column.</summary>
    /// <exception cref="ArgumentException">There is no such column.</exception>
    /// <exception cref="InvalidCastException">The value is of another type.</exception>
    public T Get<T>(string column) => (T)this[column]!;
}
