using System.Text.Json;
using Npgsql;
using Projections.Definitions;

namespace Projections.Tables;

/// <inheritdoc/>
/// <param name="mapping">Row and table.</param>
/// <param name="shown">The names of the columns that readers see; <c>null</c> for all.</param>
internal sealed class RowJson<TKey, TRow>(RowMapping<TKey, TRow> mapping, IReadOnlyCollection<string>? shown) : IRowJson
    where TKey : notnull
    where TRow : class, new()
{
    private readonly RowColumn<TRow>[] _shown = [.. mapping.RowColumns.Where(column => shown?.Contains(column.Definition.Name) ?? true)];
    private readonly RowColumn<TRow>[] _key = [.. mapping.RowColumns.Where(column => column.Definition.KeyOrdinal > 0).OrderBy(column => column.Definition.KeyOrdinal)];

    public void Write(Utf8JsonWriter json, object row) => Write(json, _shown, (TRow)row);

    public void WriteKey(Utf8JsonWriter json, object row) => Write(json, _key, (TRow)row);

    public object Read(NpgsqlDataReader reader) => mapping.Read(reader);

    private static void Write(Utf8JsonWriter json, RowColumn<TRow>[] columns, TRow row)
    {
        json.WriteStartObject();
        foreach (var column in columns)
        {
            column.WriteJson(json, row);
        }

        json.WriteEndObject();
    }
}
