using System.Buffers.Binary;
using Projections.Events;
using Projections.Events.Reading;
using Projections.PostgresEvents.Layout;

namespace Projections.PostgresEvents.Reading;

/// <summary>
/// Reads events from PostgreSQL's binary COPY format: per row a 16 bit count of fields, per field a 32 bit length (-1 for NULL)
/// and the bytes, all big-endian. See https://www.postgresql.org/docs/current/sql-copy.html, "Binary Format".
/// </summary>
internal sealed class EventRow(EventTableLayout layout)
{
    /// <summary>The signature, flags and length of an extension, which is empty in all versions so far.</summary>
    public const int HeaderBytes = 19;

    private const short Fields = 9;
    private const int NoRow = -1;

    // 2000-01-01, from which PostgreSQL counts microseconds.
    private static readonly long Epoch = new DateTime(2000, 1, 1, 0, 0, 0, DateTimeKind.Utc).Ticks;

    private readonly Utf8Names _types = new();
    private readonly Utf8Names _tenants = new();
    private readonly RecentTexts _streams = new();
    private readonly bool _streamIsUuid = layout.StreamIsUuid;
    private readonly int _dataPrefix = layout.DataFormat == TextFormat.Jsonb ? 1 : 0;
    private readonly int _metadataPrefix = layout.MetadataFormat == TextFormat.Jsonb ? 1 : 0;

    /// <summary>
    /// Reads the row that begins at <paramref name="start"/>, if <paramref name="buffer"/> is filled beyond its end.
    /// </summary>
    /// <param name="buffer">The bytes; the event's data and metadata are slices of it.</param>
    /// <param name="start">Where the row begins; moved behind it when the row is whole.</param>
    /// <param name="filled">How many bytes of the buffer count.</param>
    /// <param name="row">The event.</param>
    /// <param name="kind">What it is.</param>
    public bool TryRead(byte[] buffer, ref int start, int filled, out RecordedEvent row, out RowKind kind)
    {
        row = default;
        kind = RowKind.Event;
        if (filled - start < sizeof(short))
        {
            return false;
        }

        var fields = BinaryPrimitives.ReadInt16BigEndian(buffer.AsSpan(start));
        if (fields == NoRow)
        {
            kind = RowKind.End;
            return true;
        }

        if (fields != Fields)
        {
            throw new InvalidOperationException($"A row of {layout.Table} came with {fields} fields in place of {Fields}.");
        }

        var at = start + sizeof(short);
        if (!Next(buffer, filled, ref at, out var position) || !Next(buffer, filled, ref at, out var stream)
            || !Next(buffer, filled, ref at, out var version) || !Next(buffer, filled, ref at, out var type)
            || !Next(buffer, filled, ref at, out var data) || !Next(buffer, filled, ref at, out var time)
            || !Next(buffer, filled, ref at, out var metadata) || !Next(buffer, filled, ref at, out var tenant)
            || !Next(buffer, filled, ref at, out var binary))
        {
            return false;
        }

        start = at;
        kind = binary.Length >= 0 ? RowKind.Binary : RowKind.Event;
        row = new RecordedEvent
        {
            Position = new EventPosition(BinaryPrimitives.ReadInt64BigEndian(position.In(buffer))),
            Stream = _streamIsUuid ? new StreamId(new Guid(stream.In(buffer), bigEndian: true)) : new StreamId(_streams.Get(stream.In(buffer))),
            StreamVersion = version.Length < 0 ? 0 : BinaryPrimitives.ReadInt64BigEndian(version.In(buffer)),
            Type = _types.Get(type.In(buffer)),
            Data = data.Slice(buffer, _dataPrefix),
            Metadata = metadata.Slice(buffer, _metadataPrefix),
            Time = ToTime(BinaryPrimitives.ReadInt64BigEndian(time.In(buffer))),
            Tenant = tenant.Length < 0 ? null : _tenants.Get(tenant.In(buffer)),
        };
        return true;
    }

    private static bool Next(byte[] buffer, int filled, ref int at, out Field field)
    {
        field = default;
        if (filled - at < sizeof(int))
        {
            return false;
        }

        var length = BinaryPrimitives.ReadInt32BigEndian(buffer.AsSpan(at));
        field = new Field(at + sizeof(int), length);
        at += sizeof(int) + Math.Max(0, length);
        return at <= filled;
    }

    private static DateTime ToTime(long microseconds) => microseconds switch
    {
        long.MaxValue => DateTime.MaxValue,
        long.MinValue => DateTime.MinValue,
        _ => new DateTime(Epoch + (microseconds * TimeSpan.TicksPerMicrosecond), DateTimeKind.Utc),
    };

    private readonly struct Field(int offset, int length)
    {
        public int Length { get; } = length;

        public ReadOnlySpan<byte> In(byte[] buffer) => buffer.AsSpan(offset, Length);

        public ReadOnlyMemory<byte> Slice(byte[] buffer, int prefix) =>
            Length <= prefix ? default : new ReadOnlyMemory<byte>(buffer, offset + prefix, Length - prefix);
    }
}

/// <summary>What a row of the COPY is.</summary>
internal enum RowKind
{
    Event,

    /// <summary>An event whose data is binary, not JSON.</summary>
    Binary,

    /// <summary>The end mark in place of a row.</summary>
    End,
}
