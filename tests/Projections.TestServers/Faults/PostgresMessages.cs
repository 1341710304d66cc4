using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Projections.TestServers.Faults;

/// <summary>Cuts a stream of bytes into PostgreSQL's messages. See https://www.postgresql.org/docs/current/protocol-message-formats.html.</summary>
internal sealed class PostgresMessages
{
    private const int LengthBytes = 4;

    private byte[] _rest = [];

    public void Add(ReadOnlySpan<byte> bytes) => _rest = [.. _rest, .. bytes];

    /// <param name="isTyped">Whether it begins with the letter of its kind; the first of a connection do not.</param>
    /// <returns>The next message as a whole, or <c>null</c> when there is none yet.</returns>
    public byte[]? Next(bool isTyped)
    {
        var head = isTyped ? 1 : 0;
        if (_rest.Length < head + LengthBytes || _rest.Length < head + BinaryPrimitives.ReadInt32BigEndian(_rest.AsSpan(head)))
        {
            return null;
        }

        var length = head + BinaryPrimitives.ReadInt32BigEndian(_rest.AsSpan(head));
        var message = _rest[..length];
        _rest = _rest[length..];
        return message;
    }

    /// <summary>The texts at the beginning of a message, each of which ends with a zero.</summary>
    public static (string First, string Second) Texts(byte[] message)
    {
        var body = message.AsSpan(1 + LengthBytes);
        var first = body.IndexOf((byte)0);
        var second = body[(first + 1)..].IndexOf((byte)0);
        return (Encoding.UTF8.GetString(body[..first]), second < 0 ? "" : Encoding.UTF8.GetString(body.Slice(first + 1, second)));
    }

    public static byte[] Query(string sql) => Of('Q', [.. Encoding.UTF8.GetBytes(sql), 0]);

    /// <summary>Carries out a portal that there is not, which the server refuses.</summary>
    public static byte[] ExecuteNothing() => Of('E', [.. "no_such_portal"u8, 0, 0, 0, 0, 0]);

    public static byte[] Error(string severity, string sqlState)
    {
        var body = new ArrayBufferWriter<byte>();
        foreach (var (field, value) in (ReadOnlySpan<(char, string)>)[('S', severity), ('V', severity), ('C', sqlState), ('M', $"a fault that a test put here, {sqlState}")])
        {
            body.Write<byte>([(byte)field, .. Encoding.UTF8.GetBytes(value), 0]);
        }

        return Of('E', [.. body.WrittenSpan, 0]);
    }

    private static byte[] Of(char kind, byte[] body)
    {
        var message = new byte[1 + LengthBytes + body.Length];
        message[0] = (byte)kind;
        BinaryPrimitives.WriteInt32BigEndian(message.AsSpan(1), LengthBytes + body.Length);
        body.CopyTo(message, 1 + LengthBytes);
        return message;
    }
}
