using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using Projections.Definitions;

namespace Projections.Tables.ColumnTypes;

/// <summary>How values of one C# type are kept in a column of one PostgreSQL type.</summary>
internal abstract class ColumnType<T>
{
    /// <summary>PostgreSQL's name of the type, as <c>format_type</c> gives it.</summary>
    public abstract string Name { get; }

    public abstract NpgsqlDbType DbType { get; }

    /// <summary>The type's number in <c>pg_type</c>, for arrays of it; 0 where there are none.</summary>
    public virtual int Oid => 0;

    /// <summary>Whether <see cref="Settle"/> does anything.</summary>
    public virtual bool Settles => false;

    /// <summary>About how many bytes a value takes outside of the row's own object.</summary>
    public virtual int HeapBytes(T value) => 0;

    /// <summary>
    /// The value as it will be when it is read back. Rows are settled after each event, so that a row is the same whether
    /// it was written and loaded again meanwhile or not.
    /// </summary>
    /// <exception cref="UnstorableValue">There is no such value.</exception>
    public virtual T Settle(T value) => value;

    /// <summary>Refuses what PostgreSQL would refuse but which is too dear to look for after each event.</summary>
    /// <exception cref="UnstorableValue">The value cannot be stored.</exception>
    public virtual void Inspect(T value)
    {
    }

    /// <summary>Whether handlers may change a value in place, so that a copy of a row needs a value of its own.</summary>
    public virtual bool IsMutable => false;

    /// <summary>A value of its own where <see cref="IsMutable"/>.</summary>
    public virtual T Copy(T value) => value;

    public abstract void Write(CopyBuffer buffer, T value);

    /// <summary>Writes the value as PostgreSQL's <c>to_json</c> does where the time zone is UTC.</summary>
    public abstract void WriteJson(Utf8JsonWriter json, T value);

    public virtual T Read(NpgsqlDataReader reader, int ordinal) => reader.GetFieldValue<T>(ordinal);

    /// <summary>The value for a parameter of type <see cref="DbType"/>.</summary>
    public virtual object Parameter(T value) => value!;

    /// <summary>Whether many values can be one parameter: an array of arrays would need them to be of one length.</summary>
    public virtual bool FitsArray => true;

    /// <summary>The values for a parameter that is an array of <see cref="DbType"/>; <c>null</c> for those that are missing.</summary>
    public virtual Array Parameters(T[] values) => values;
}
