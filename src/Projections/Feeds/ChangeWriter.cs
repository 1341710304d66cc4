using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Projections.Definitions;

namespace Projections.Feeds;

/// <summary>Writes what became of rows as JSON: <c>{"key":…,"before":…,"after":…}</c>.</summary>
internal sealed class ChangeWriter(IRowJson rows)
{
    private readonly ArrayBufferWriter<byte> _parts = new();
    private readonly Utf8JsonWriter _json = Open();

    /// <summary>Appends a change; nothing when the row is as it was.</summary>
    /// <returns>Whether there was one.</returns>
    public bool TryWrite(IBufferWriter<byte> to, object? before, object? after)
    {
        _parts.ResetWrittenCount();
        var key = WriteKey((after ?? before)!);
        var first = WriteRow(before);
        var second = WriteRow(after);
        var written = _parts.WrittenSpan;
        if (written[key..first].SequenceEqual(written[first..second]))
        {
            return false;
        }

        to.Write("{\"key\":"u8);
        to.Write(written[..key]);
        to.Write(",\"before\":"u8);
        to.Write(written[key..first]);
        to.Write(",\"after\":"u8);
        to.Write(written[first..second]);
        to.Write("}"u8);
        return true;
    }

    /// <summary>Appends a row as it is now, without what it was.</summary>
    /// <param name="to">Where to.</param>
    /// <param name="row">The row; only its key counts when it is gone.</param>
    /// <param name="isGone">Whether there is no such row any more.</param>
    public void Write(IBufferWriter<byte> to, object row, bool isGone = false)
    {
        _parts.ResetWrittenCount();
        var key = WriteKey(row);
        var end = WriteRow(isGone ? null : row);
        to.Write("{\"key\":"u8);
        to.Write(_parts.WrittenSpan[..key]);
        to.Write(",\"after\":"u8);
        to.Write(_parts.WrittenSpan[key..end]);
        to.Write("}"u8);
    }

    /// <summary>The key of a row, by which others find it.</summary>
    public string KeyOf(object row)
    {
        _parts.ResetWrittenCount();
        var end = WriteKey(row);
        return Encoding.UTF8.GetString(_parts.WrittenSpan[..end]);
    }

    /// <summary>It writes where it is told to each time, and holds nothing that would have to be given back.</summary>
    private static Utf8JsonWriter Open() => new(Stream.Null, new JsonWriterOptions
    {
        // It is no part of a page, and what is not escaped is shorter.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
        MaxDepth = 2_000,
    });

    private int WriteKey(object row)
    {
        _json.Reset(_parts);
        rows.WriteKey(_json, row);
        _json.Flush();
        return _parts.WrittenCount;
    }

    private int WriteRow(object? row)
    {
        _json.Reset(_parts);
        if (row is null)
        {
            _json.WriteNullValue();
        }
        else
        {
            rows.Write(_json, row);
        }

        _json.Flush();
        return _parts.WrittenCount;
    }
}
