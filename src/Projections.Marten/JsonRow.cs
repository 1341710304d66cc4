using System.Collections;
using System.Data.Common;
using System.Text;

namespace Projections.Marten;

/// <summary>A row of one column, an event's JSON, for code that reads JSON out of a row. All else that a row has is refused: rows of read models depend on it alone.</summary>
internal sealed class JsonRow(ReadOnlyMemory<byte> json) : DbDataReader
{
    /// <summary>Whether the JSON was asked for.</summary>
    public bool WasRead { get; private set; }

    public override int FieldCount => 1;

    public override bool HasRows => true;

    public override bool IsClosed => false;

    public override int Depth => 0;

    public override int RecordsAffected => -1;

    public override object this[int ordinal] => GetString(ordinal);

    public override object this[string name] => throw Unknown();

    public override Stream GetStream(int ordinal) => JsonBytes.Open(Json(ordinal));

    public override TextReader GetTextReader(int ordinal) => new StringReader(GetString(ordinal));

    public override string GetString(int ordinal) => Encoding.UTF8.GetString(Json(ordinal).Span);

    public override object GetValue(int ordinal) => GetString(ordinal);

    public override bool IsDBNull(int ordinal) => false;

    public override T GetFieldValue<T>(int ordinal)
    {
        object value = typeof(T) == typeof(Stream) || typeof(T) == typeof(MemoryStream) ? GetStream(ordinal)
            : typeof(T) == typeof(TextReader) ? GetTextReader(ordinal)
            : typeof(T) == typeof(byte[]) ? Json(ordinal).ToArray()
            : GetString(ordinal);
        return value is T wanted ? wanted : throw Unknown();
    }

    public override int GetValues(object[] values)
    {
        values[0] = GetString(0);
        return 1;
    }

    public override bool Read() => false;

    public override bool NextResult() => false;

    public override string GetName(int ordinal) => "data";

    public override int GetOrdinal(string name) => name == "data" ? 0 : throw Unknown();

    public override string GetDataTypeName(int ordinal) => "jsonb";

    public override Type GetFieldType(int ordinal) => typeof(string);

    public override IEnumerator GetEnumerator() => throw Unknown();

    public override bool GetBoolean(int ordinal) => throw Unknown();

    public override byte GetByte(int ordinal) => throw Unknown();

    public override long GetBytes(int ordinal, long dataOffset, byte[]? buffer, int bufferOffset, int length) => throw Unknown();

    public override char GetChar(int ordinal) => throw Unknown();

    public override long GetChars(int ordinal, long dataOffset, char[]? buffer, int bufferOffset, int length) => throw Unknown();

    public override DateTime GetDateTime(int ordinal) => throw Unknown();

    public override decimal GetDecimal(int ordinal) => throw Unknown();

    public override double GetDouble(int ordinal) => throw Unknown();

    public override float GetFloat(int ordinal) => throw Unknown();

    public override Guid GetGuid(int ordinal) => throw Unknown();

    public override short GetInt16(int ordinal) => throw Unknown();

    public override int GetInt32(int ordinal) => throw Unknown();

    public override long GetInt64(int ordinal) => throw Unknown();

    private ReadOnlyMemory<byte> Json(int ordinal)
    {
        WasRead = true;
        return ordinal == 0 ? json : throw Unknown();
    }

    private static NotSupportedException Unknown() => new("An upcaster is given the event's JSON, column 0, and nothing else of its row.");
}
