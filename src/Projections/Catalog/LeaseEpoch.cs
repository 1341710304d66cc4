using System.Globalization;

namespace Projections.Catalog;

/// <summary>How often a version has changed hands. Whoever writes for it proves the epoch in which it was given the lease: a later one fences the
/// earlier ones out.</summary>
internal readonly record struct LeaseEpoch(long Value) : IComparable<LeaseEpoch>
{
    public static bool operator <(LeaseEpoch left, LeaseEpoch right) => left.Value < right.Value;

    public static bool operator >(LeaseEpoch left, LeaseEpoch right) => left.Value > right.Value;

    public static bool operator <=(LeaseEpoch left, LeaseEpoch right) => left.Value <= right.Value;

    public static bool operator >=(LeaseEpoch left, LeaseEpoch right) => left.Value >= right.Value;

    public int CompareTo(LeaseEpoch other) => Value.CompareTo(other.Value);

    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}
