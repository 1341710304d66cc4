using System.Buffers;
using System.Text;
using Projections.Events;

namespace Projections.Feeds;

/// <summary>A line of changes at one position: <c>{"position":"561400","changes":[…]}</c>.</summary>
internal static class ChangeLine
{
    private static ReadOnlySpan<byte> Head => "{\"position\":\""u8;

    /// <summary>Begins a line, to be followed by changes with commas between.</summary>
    public static void Begin(IBufferWriter<byte> to, EventPosition position)
    {
        to.Write(Head);
        Encoding.UTF8.GetBytes(position.ToString(), to);
        to.Write("\",\"changes\":["u8);
    }

    public static void End(IBufferWriter<byte> to) => to.Write("]}"u8);

    /// <summary>The position of a line that <see cref="Begin"/> began.</summary>
    public static EventPosition PositionOf(ReadOnlySpan<byte> line)
    {
        var text = line[Head.Length..];
        return EventPosition.TryParse(Encoding.UTF8.GetString(text[..text.IndexOf((byte)'"')]), out var position) ? position : EventPosition.BeforeFirst;
    }
}
