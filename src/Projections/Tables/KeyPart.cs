using System.Linq.Expressions;
using System.Reflection;
using Npgsql;
using Projections.Definitions;
using Projections.Tables.ColumnTypes;

namespace Projections.Tables;

/// <summary>A part of a key, and the key property of the row that it becomes.</summary>
internal abstract class KeyPart<TKey, TRow>(ColumnDefinition column)
    where TKey : notnull
    where TRow : class
{
    public ColumnDefinition Column { get; } = column;

    public abstract void Set(TRow row, TKey key);

    /// <summary>This part of all <paramref name="keys"/>, as one parameter.</summary>
    public abstract NpgsqlParameter Values(ReadOnlySpan<TKey> keys);
}

/// <inheritdoc/>
internal sealed class KeyPart<TKey, TRow, T> : KeyPart<TKey, TRow>
    where TKey : notnull
    where TRow : class
{
    private readonly Func<TKey, T> _ofKey;
    private readonly Action<TRow, T> _set;
    private readonly ColumnType<T> _type;

    /// <param name="property">The row's key property.</param>
    /// <param name="component">The key's component, or <c>null</c> where the key is this one value.</param>
    /// <param name="column">Its column.</param>
    /// <param name="type">How the column keeps it.</param>
    public KeyPart(PropertyInfo property, PropertyInfo? component, ColumnDefinition column, ColumnType<T> type)
        : base(column)
    {
        var key = Expression.Parameter(typeof(TKey));
        var part = component is null ? (Expression)key : Expression.Property(key, component);
        _ofKey = Expression.Lambda<Func<TKey, T>>(part, key).Compile();
        _set = property.SetMethod!.CreateDelegate<Action<TRow, T>>();
        _type = type;
    }

    public override void Set(TRow row, TKey key) => _set(row, _ofKey(key));

    public override NpgsqlParameter Values(ReadOnlySpan<TKey> keys)
    {
        var values = new T[keys.Length];
        for (var i = 0; i < keys.Length; i++)
        {
            values[i] = _ofKey(keys[i]);
        }

        return new NpgsqlParameter { Value = _type.Parameters(values), NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Array | _type.DbType };
    }
}
