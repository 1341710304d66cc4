using System.Globalization;
using System.Text.Json;
using Npgsql;
using Projections.Commands;
using Projections.Definitions;
using Projections.Postgres;

namespace Projections.Verification;

/// <summary>
/// A row's key as people write it: the value itself, several parts with commas between them, or, where a part holds a comma, a JSON
/// array of texts.
/// </summary>
internal static class RowKey
{
    /// <exception cref="OperationRefused">The text has not as many parts as the version's key.</exception>
    public static string[] Parse(string text, IReadOnlyList<ColumnDefinition> key, VersionId version)
    {
        var parts = key.Count == 1 ? [text] : text.StartsWith('[') ? FromJson(text) : text.Split(',', StringSplitOptions.TrimEntries);
        return parts.Length == key.Count
            ? parts
            : throw new OperationRefused(
                $"'{text}' is no key of {version}: it has {parts.Length.ToString(CultureInfo.InvariantCulture)} parts, and the key is ({string.Join(", ", key.Select(column => column.Name))}). Separate them with commas, or write a JSON array where a part holds one.", isMistake: true);
    }

    /// <summary>The key's columns in order.</summary>
    public static IReadOnlyList<ColumnDefinition> ColumnsOf(IEnumerable<ColumnDefinition> columns) =>
        [.. columns.Where(column => column.KeyOrdinal > 0).OrderBy(column => column.KeyOrdinal)];

    /// <summary>Chooses rows, and says which key is at fault when one is no value of its column.</summary>
    /// <exception cref="OperationRefused">A text is no value of its column's type.</exception>
    public static async Task<IRowSelection> SelectAsync(
        IRowAccess rows, NpgsqlConnection connection, IReadOnlyList<string[]> keys, VersionId version, CancellationToken cancellationToken)
    {
        try
        {
            return await rows.SelectAsync(connection, keys, cancellationToken);
        }
        catch (PostgresException exception) when (exception.IsAboutData)
        {
            throw new OperationRefused($"A key is no key of {version}: {exception.MessageText}.", isMistake: true);
        }
    }

    private static string[] FromJson(string text)
    {
        try
        {
            return JsonSerializer.Deserialize<string[]>(text) ?? [];
        }
        catch (JsonException)
        {
            return [];
        }
    }
}
