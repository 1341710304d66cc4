using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Npgsql;
using NpgsqlTypes;
using Projections.Definitions;
using Projections.Tables.ColumnTypes;

namespace Projections.Tables;

/// <summary>A property of a row type and the column that keeps it.</summary>
internal abstract class RowColumn<TRow>(ColumnDefinition definition, PropertyInfo property)
    where TRow : class
{
    public ColumnDefinition Definition { get; } = definition;

    public PropertyInfo Property { get; } = property;

    /// <summary>Whether <see cref="Settle"/> does anything.</summary>
    public abstract bool Settles { get; }

    /// <inheritdoc cref="ColumnType{T}.IsMutable"/>
    public abstract bool IsMutable { get; }

    /// <summary>What the JSON of the column's documents is made of, or <c>null</c> where it keeps none.</summary>
    public abstract JsonTypeInfo? Document { get; }

    /// <summary>Whether values lie outside of the row's own object.</summary>
    public bool HasHeapBytes => !Property.PropertyType.IsValueType;

    /// <summary>Gives the row the value that it would be read back with.</summary>
    /// <exception cref="UnstorableValue">There is no such value.</exception>
    public abstract void Settle(TRow row);

    /// <inheritdoc cref="ColumnType{T}.Inspect"/>
    public abstract void Inspect(TRow row);

    /// <summary>Gives the row, which is a copy, a value of its own.</summary>
    public abstract void Detach(TRow row);

    public abstract int HeapBytes(TRow row);

    public abstract void Write(CopyBuffer buffer, TRow row);

    /// <summary>Writes the column's name and the row's value.</summary>
    public abstract void WriteJson(Utf8JsonWriter json, TRow row);

    public abstract void Read(NpgsqlDataReader reader, int ordinal, TRow row);

    public abstract NpgsqlParameter Parameter(TRow row);

    /// <inheritdoc cref="ColumnType{T}.FitsArray"/>
    public abstract bool FitsArray { get; }

    /// <summary>The values of all <paramref name="rows"/> as one parameter, where the column <see cref="FitsArray"/>.</summary>
    public abstract NpgsqlParameter Parameter(IReadOnlyList<TRow> rows);
}

/// <inheritdoc/>
internal sealed class RowColumn<TRow, T>(ColumnDefinition definition, PropertyInfo property, ColumnType<T> type)
    : RowColumn<TRow>(definition, property)
    where TRow : class
{
    private readonly Func<TRow, T> _get = property.GetMethod!.CreateDelegate<Func<TRow, T>>();
    private readonly Action<TRow, T> _set = property.SetMethod!.CreateDelegate<Action<TRow, T>>();
    private readonly bool _mayBeNull = definition.IsNullable;
    private readonly JsonEncodedText _name = JsonEncodedText.Encode(definition.Name);

    public override bool Settles => type.Settles || (default(T) is null && !_mayBeNull);

    public override bool IsMutable => type.IsMutable;

    public override JsonTypeInfo? Document => (type as IDocumentType)?.Shape;

    public override void Settle(TRow row)
    {
        var value = _get(row);
        if (value is null)
        {
            if (!_mayBeNull)
            {
                throw new UnstorableValue($"{Definition.Name} is null, and the row type does not allow that");
            }
        }
        else if (type.Settles)
        {
            _set(row, Settled(value));
        }
    }

    public override void Inspect(TRow row)
    {
        if (_get(row) is { } value)
        {
            type.Inspect(value);
        }
    }

    public override void Detach(TRow row)
    {
        if (_get(row) is { } value)
        {
            _set(row, type.Copy(value));
        }
    }

    public override int HeapBytes(TRow row) => _get(row) is { } value ? type.HeapBytes(value) : 0;

    public override void Write(CopyBuffer buffer, TRow row)
    {
        var value = _get(row);
        if (value is null)
        {
            buffer.Null();
        }
        else
        {
            type.Write(buffer, value);
        }
    }

    public override void WriteJson(Utf8JsonWriter json, TRow row)
    {
        json.WritePropertyName(_name);
        if (_get(row) is { } value)
        {
            type.WriteJson(json, value);
        }
        else
        {
            json.WriteNullValue();
        }
    }

    public override void Read(NpgsqlDataReader reader, int ordinal, TRow row) =>
        _set(row, _mayBeNull && reader.IsDBNull(ordinal) ? default! : type.Read(reader, ordinal));

    public override NpgsqlParameter Parameter(TRow row) => new()
    {
        Value = _get(row) is { } value ? type.Parameter(value) : DBNull.Value,
        NpgsqlDbType = type.DbType,
    };

    public override bool FitsArray => type.FitsArray;

    public override NpgsqlParameter Parameter(IReadOnlyList<TRow> rows)
    {
        var values = new T[rows.Count];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = _get(rows[i]);
        }

        return new() { Value = type.Parameters(values), NpgsqlDbType = NpgsqlDbType.Array | type.DbType };
    }

    private T Settled(T value)
    {
        try
        {
            return type.Settle(value);
        }
        catch (UnstorableValue unstorable)
        {
            throw new UnstorableValue($"{Definition.Name}: {unstorable.Message}");
        }
    }
}
