namespace Projections.Migrations.RoundTrip;

/// <summary>A fact that is in one state of a schema and not in the other.</summary>
/// <param name="IsMissing">Whether it was there before and is gone; otherwise it is new.</param>
/// <param name="Line">The fact.</param>
public sealed record SchemaDifference(bool IsMissing, SchemaLine Line)
{
    /// <summary>Compares two states, in the order of their objects.</summary>
    public static IReadOnlyList<SchemaDifference> Between(IReadOnlyList<SchemaLine> before, IReadOnlyList<SchemaLine> after)
    {
        var missing = before.Except(after).Select(line => new SchemaDifference(true, line));
        var added = after.Except(before).Select(line => new SchemaDifference(false, line));
        return [.. missing.Concat(added).OrderBy(difference => difference.Line.Object, StringComparer.Ordinal).ThenByDescending(difference => difference.IsMissing)];
    }

    public override string ToString() => $"{(IsMissing ? "-" : "+")} {Line.Object}: {Line.Detail}";
}
