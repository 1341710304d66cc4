using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using Projections.Events;

namespace Projections.Feeds;

/// <summary>Writes lines of changes, one for each position, with line breaks between: <c>{"position":"561400","changes":[…]}</c>.</summary>
internal sealed class ChangeLines
{
    /// <summary>How many rows stand in a line that is no event's, but part of a table.</summary>
    public const int RowsOfTable = 500;

    private ArrayBufferWriter<byte> _lines = new();
    private EventPosition _position;

    /// <summary>How many changes are written.</summary>
    public int Rows { get; private set; }

    public int Bytes => _lines.WrittenCount;

    private static ReadOnlySpan<byte> Head => "{\"position\":\""u8;

    /// <summary>Where the next change is to be written.</summary>
    public IBufferWriter<byte> Next(EventPosition position)
    {
        if (Rows > 0 && position == _position)
        {
            _lines.Write(","u8);
        }
        else
        {
            if (Rows > 0)
            {
                _lines.Write("]}\n"u8);
            }

            _lines.Write(Head);
            Encoding.UTF8.GetBytes(position.ToString(), _lines);
            _lines.Write("\",\"changes\":["u8);
        }

        _position = position;
        Rows++;
        return _lines;
    }

    /// <summary>Whether a change at another position than that of the last begins a line.</summary>
    public bool IsNew(EventPosition position) => Rows == 0 || position != _position;

    /// <summary>What is written, which is something; it begins anew.</summary>
    public FeedPart Take()
    {
        _lines.Write("]}"u8);
        var part = new FeedPart(_lines.WrittenMemory, _position, Rows);
        (_lines, Rows) = (new ArrayBufferWriter<byte>(), 0);
        return part;
    }

    /// <summary>The position of a line.</summary>
    public static EventPosition PositionOf(ReadOnlySpan<byte> line)
    {
        var text = line[Head.Length..];
        return EventPosition.TryParse(Encoding.UTF8.GetString(text[..text.IndexOf((byte)'"')]), out var position) ? position : EventPosition.BeforeFirst;
    }

    /// <summary>The line behind the rows of a version.</summary>
    public static string Settled(EventPosition position, int version) => new JsonObject { ["position"] = position.ToString(), ["version"] = version }.ToJsonString();
}

/// <summary>Some lines of a feed.</summary>
/// <param name="Lines">Lines of JSON in UTF-8, with line breaks between.</param>
/// <param name="Position">The position of the last of them.</param>
/// <param name="Rows">How many changes of rows they tell.</param>
internal readonly record struct FeedPart(ReadOnlyMemory<byte> Lines, EventPosition Position, int Rows);
