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
        _ofKey = component is null ? (Func<TKey, T>)(object)(Func<TKey, TKey>)(key => key) : Reader(component.GetMethod!);
        _set = property.SetMethod!.CreateDelegate<Action<TRow, T>>();
        _type = type;
    }

    private delegate T Getter(ref TKey key);

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

    // Delegates, not a compiled expression: the compiler alone takes longer to load than a command should take to start.
    private static Func<TKey, T> Reader(MethodInfo get)
    {
        if (!typeof(TKey).IsValueType)
        {
            return get.CreateDelegate<Func<TKey, T>>();
        }

        var getter = get.CreateDelegate<Getter>();
        return key => getter(ref key);
    }
}
