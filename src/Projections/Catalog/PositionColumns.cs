using Npgsql;
using Projections.Events;

namespace Projections.Catalog;

/// <summary>How the catalog keeps a position: two columns next to each other, both NULL for none.</summary>
internal static class PositionColumns
{
    /// <summary>Reads a position from the two columns that begin at <paramref name="ordinal"/>.</summary>
    public static EventPosition? GetPosition(this NpgsqlDataReader row, int ordinal) =>
        row.IsDBNull(ordinal) ? null : new EventPosition(row.GetInt64(ordinal), row.GetInt64(ordinal + 1));
}
