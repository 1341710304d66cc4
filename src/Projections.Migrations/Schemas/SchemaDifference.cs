namespace Projections.Migrations.Schemas;

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

/// <summary>One fact of a schema.</summary>
/// <param name="Object">What it belongs to: <c>table billing.orders</c>.</param>
/// <param name="Detail">What it says: <c>column 3: note text</c>.</param>
public sealed record SchemaLine(string Object, string Detail);
