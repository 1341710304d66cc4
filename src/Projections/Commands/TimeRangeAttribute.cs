using System.Globalization;

namespace Projections.Commands;

/// <summary>How long a time of a command may be.</summary>
/// <param name="leastSeconds">At least.</param>
/// <param name="mostSeconds">At most.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class TimeRangeAttribute(double leastSeconds, double mostSeconds) : Attribute
{
    public bool Holds(TimeSpan time) => time.TotalSeconds >= leastSeconds && time.TotalSeconds <= mostSeconds;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"between {leastSeconds} and {mostSeconds} s");
}
