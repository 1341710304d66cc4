namespace Projections.Migrations.RoundTrip;

/// <summary>One fact of a schema.</summary>
/// <param name="Object">What it belongs to: <c>table billing.orders</c>.</param>
/// <param name="Detail">What it says: <c>column 3: note text</c>.</param>
public sealed record SchemaLine(string Object, string Detail);
