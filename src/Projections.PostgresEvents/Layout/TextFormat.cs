namespace Projections.PostgresEvents.Layout;

/// <summary>How a column's text arrives in PostgreSQL's binary format.</summary>
internal enum TextFormat
{
    /// <summary>As it is: <c>text</c>, <c>varchar</c>, <c>json</c>.</summary>
    Plain,

    /// <summary>After one byte with the format's version: <c>jsonb</c>.</summary>
    Jsonb,
}
