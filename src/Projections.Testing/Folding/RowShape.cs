using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Projections.Tables;

namespace Projections.Testing.Folding;

/// <summary>How rows that have a class are told apart and shown.</summary>
internal sealed class RowShape<TKey, TRow>(RowMapping<TKey, TRow> mapping)
    where TKey : notnull
    where TRow : class, new()
{
    private readonly PropertyInfo[] _properties = [.. mapping.Properties];
    private readonly PropertyInfo[] _key = [.. mapping.Properties.Where((_, i) => mapping.Columns[i].KeyOrdinal > 0)];
    private readonly JsonTypeInfo?[] _documents = [.. mapping.Columns.Select(column => mapping.Documents.FirstOrDefault(document => document.Column == column).Shape)];

    /// <summary>The names of the columns.</summary>
    public IReadOnlyList<string> Columns { get; } = [.. mapping.Columns.Select(column => column.Name)];

    /// <summary>A key, as <see cref="FoundRow.Key"/> has it.</summary>
    public string KeyText(TKey key) => ValueText.OfKey(KeyOf(mapping.NewRow(key)));

    /// <summary>The rows in the order of their keys.</summary>
    public IReadOnlyList<FoundRow> Show(IEnumerable<TRow> rows) => [.. rows.OrderBy(KeyOf, KeyOrder.Instance).Select(Show)];

    /// <summary>A row as it is.</summary>
    public FoundRow Show(TRow row) => new(ValueText.OfKey(KeyOf(row)), [.. _properties.Select((column, i) => Text(column.GetValue(row), _documents[i]))], row);

    private object?[] KeyOf(TRow row) => Array.ConvertAll(_key, part => part.GetValue(row));

    private static string Text(object? value, JsonTypeInfo? document) => value is null || document is null ? ValueText.Of(value) : JsonSerializer.Serialize(value, document);
}
