using System.Text.Json;
using System.Text.Json.Serialization;

namespace Projections.Commands;

/// <summary>A time as a number of a unit that its property's name says, in JSON and in messages. What is too much for a time is the longest that there is, and
/// refused for that.</summary>
public abstract class TimeIn(TimeSpan unit) : JsonConverter<TimeSpan>
{
    public static TimeSpan Milliseconds(double number) => Of(number, TimeSpan.FromMilliseconds(1));

    public static TimeSpan Seconds(double number) => Of(number, TimeSpan.FromSeconds(1));

    public static TimeSpan Minutes(double number) => Of(number, TimeSpan.FromMinutes(1));

    /// <inheritdoc />
    public override TimeSpan Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Of(reader.GetDouble(), unit);

    /// <inheritdoc />
    public override void Write(Utf8JsonWriter writer, TimeSpan value, JsonSerializerOptions options) => writer.WriteNumberValue(value / unit);

    private static TimeSpan Of(double number, TimeSpan unit)
    {
        var ticks = number * unit.Ticks;
        return double.IsNaN(ticks) || ticks <= long.MinValue ? TimeSpan.MinValue : ticks >= long.MaxValue ? TimeSpan.MaxValue : new TimeSpan((long)Math.Round(ticks));
    }
}

/// <summary>A number of milliseconds.</summary>
public sealed class TimeInMilliseconds() : TimeIn(TimeSpan.FromMilliseconds(1));

/// <summary>A number of seconds.</summary>
public sealed class TimeInSeconds() : TimeIn(TimeSpan.FromSeconds(1));

/// <summary>A number of minutes.</summary>
public sealed class TimeInMinutes() : TimeIn(TimeSpan.FromMinutes(1));
