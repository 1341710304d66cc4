using System.Globalization;
using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using Projections.Definitions;

namespace Projections.Tables.ColumnTypes;

/// <summary>
/// Moments in UTC. The smallest and the largest <see cref="DateTime"/> stand for PostgreSQL's <c>-infinity</c> and
/// <c>infinity</c>, as Npgsql has it.
/// </summary>
internal sealed class TimestampType : ColumnType<DateTime>
{
    public override string Name => "timestamp with time zone";

    public override NpgsqlDbType DbType => NpgsqlDbType.TimestampTz;

    public override int Oid => 1184;

    public override bool Settles => true;

    public override DateTime Settle(DateTime value)
    {
        if (value == DateTime.MinValue || value == DateTime.MaxValue)
        {
            return value;
        }

        return value.Kind == DateTimeKind.Utc
            ? value.AddTicks(-(value.Ticks % TimeSpan.TicksPerMicrosecond))
            : throw new UnstorableValue($"a time must be in UTC, but {value:O} is of kind {value.Kind}; use DateTimeOffset, or say what it is by DateTime.SpecifyKind");
    }

    public override void Write(CopyBuffer buffer, DateTime value) => buffer.Int64(PostgresTime.Microseconds(value));

    public override void WriteJson(Utf8JsonWriter json, DateTime value) => json.WriteStringValue(PostgresTime.Text(value));

    public override object Parameter(DateTime value) => DateTime.SpecifyKind(value, DateTimeKind.Utc);

    public override Array Parameters(DateTime[] values) => Array.ConvertAll(values, value => DateTime.SpecifyKind(value, DateTimeKind.Utc));
}

/// <summary>Moments, whose offset is not kept: they come back in UTC, and so they are in UTC from the start.</summary>
internal sealed class TimestampOffsetType : ColumnType<DateTimeOffset>
{
    public override string Name => "timestamp with time zone";

    public override NpgsqlDbType DbType => NpgsqlDbType.TimestampTz;

    public override int Oid => 1184;

    public override bool Settles => true;

    public override DateTimeOffset Settle(DateTimeOffset value)
    {
        var utc = value.UtcDateTime;
        return utc == DateTime.MinValue || utc == DateTime.MaxValue
            ? new DateTimeOffset(utc, TimeSpan.Zero)
            : new DateTimeOffset(utc.AddTicks(-(utc.Ticks % TimeSpan.TicksPerMicrosecond)), TimeSpan.Zero);
    }

    public override void Write(CopyBuffer buffer, DateTimeOffset value) => buffer.Int64(PostgresTime.Microseconds(value.UtcDateTime));

    public override void WriteJson(Utf8JsonWriter json, DateTimeOffset value) => json.WriteStringValue(PostgresTime.Text(value.UtcDateTime));

    public override DateTimeOffset Read(NpgsqlDataReader reader, int ordinal) =>
        new(DateTime.SpecifyKind(reader.GetFieldValue<DateTime>(ordinal), DateTimeKind.Utc));

    public override object Parameter(DateTimeOffset value) => value.UtcDateTime;

    public override Array Parameters(DateTimeOffset[] values) => Array.ConvertAll(values, value => value.UtcDateTime);
}

internal sealed class DateType : ColumnType<DateOnly>
{
    private static readonly int Epoch = new DateOnly(2000, 1, 1).DayNumber;

    public override string Name => "date";

    public override NpgsqlDbType DbType => NpgsqlDbType.Date;

    public override int Oid => 1082;

    public override void Write(CopyBuffer buffer, DateOnly value) => buffer.Int32(
        value == DateOnly.MinValue ? int.MinValue : value == DateOnly.MaxValue ? int.MaxValue : value.DayNumber - Epoch);

    public override void WriteJson(Utf8JsonWriter json, DateOnly value) => json.WriteStringValue(
        value == DateOnly.MinValue ? "-infinity" : value == DateOnly.MaxValue ? "infinity" : value.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
}

/// <summary>Spans of time as microseconds; PostgreSQL's days and months, whose length varies, are not used.</summary>
internal sealed class IntervalType : ColumnType<TimeSpan>
{
    public override string Name => "interval";

    public override NpgsqlDbType DbType => NpgsqlDbType.Interval;

    public override int Oid => 1186;

    public override bool Settles => true;

    public override TimeSpan Settle(TimeSpan value) => new(value.Ticks - (value.Ticks % TimeSpan.TicksPerMicrosecond));

    // Whole days apart from the rest, as Npgsql sends a TimeSpan.
    public override void Write(CopyBuffer buffer, TimeSpan value)
    {
        var start = buffer.BeginValue();
        buffer.RawInt64(value.Ticks % TimeSpan.TicksPerDay / TimeSpan.TicksPerMicrosecond);
        buffer.RawInt32((int)(value.Ticks / TimeSpan.TicksPerDay));
        buffer.RawInt32(0);
        buffer.EndValue(start);
    }

    public override void WriteJson(Utf8JsonWriter json, TimeSpan value) => json.WriteStringValue(PostgresTime.Text(value));
}
