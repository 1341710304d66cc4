using System.Globalization;
using System.Text;
using System.Text.Json;
using Projections.Definitions;
using Projections.Tables;

namespace Projections.Scaffolding;

/// <summary>A column of a table that there is, and the property that it becomes.</summary>
/// <param name="Definition">The column as the database has it.</param>
/// <param name="Quoted">Its name as SQL, in quotes where it needs them.</param>
/// <param name="Default">Its default as SQL, or <c>null</c>.</param>
/// <param name="Generated">The expression that it follows from, or <c>null</c>: such a column is nobody's property.</param>
internal sealed record ScaffoldedColumn(ColumnDefinition Definition, string Quoted, string? Default, string? Generated)
{
    // What every class has already, and what the classes are called that are written.
    private static readonly string[] Taken = ["Row", "Key", "RowSeen", "Equals", "GetHashCode", "GetType", "ToString", "MemberwiseClone", "Finalize", "ReferenceEquals"];

    /// <summary>The property's type without a question mark, or <c>null</c> where no property can hold the column.</summary>
    public string? Type => TypeOf(Definition.Type);

    /// <summary>The column as SQL, in lower case but for what is quoted.</summary>
    public string Sql =>
        $"{Quoted} {Definition.Type}{(Generated is not null ? $" generated always as ({Generated}) stored" : Default is not null ? $" default {Default}" : "")}{(Definition.IsNullable ? "" : " not null")}";

    /// <summary>A name for the property that is none of <paramref name="used"/>.</summary>
    public string PropertyName(IReadOnlySet<string> used)
    {
        var name = new StringBuilder();
        foreach (var word in Definition.Name.Split('_', StringSplitOptions.RemoveEmptyEntries))
        {
            var letters = string.Concat(word.Where(char.IsLetterOrDigit));
            name.Append(letters.Length > 0 ? char.ToUpperInvariant(letters[0]) + letters[1..] : "");
        }

        if (name.Length == 0 || char.IsDigit(name[0]))
        {
            name.Insert(0, "Column");
        }

        if (Taken.Contains(name.ToString()))
        {
            name.Append("Value");
        }

        while (used.Contains(name.ToString()))
        {
            name.Append('X');
        }

        return name.ToString();
    }

    /// <summary>The property in C#, with its attributes.</summary>
    public string Property(string name)
    {
        var text = new StringBuilder();
        if (Definition.KeyOrdinal > 0)
        {
            text.AppendLine("        [Key]");
        }

        string?[] said =
        [
            JsonNamingPolicy.SnakeCaseLower.ConvertName(name) == Definition.Name ? null : $"\"{Definition.Name.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"",
            NeedsTypeName ? $"TypeName = \"{Definition.Type}\"" : null,
        ];
        if (said.OfType<string>().ToList() is { Count: > 0 } parts)
        {
            text.AppendLine($"        [Column({string.Join(", ", parts)})]");
        }

        var first = Definition.IsNullable ? "" : Type switch
        {
            "string" => Definition.Type is "json" or "jsonb" ? " = \"{}\";" : " = \"\";",
            { } array when array.EndsWith("[]", StringComparison.Ordinal) => " = [];",
            _ => "",
        };
        text.Append($"        public {Type}{(Definition.IsNullable ? "?" : "")} {name} {{ get; set; }}{first}");
        return text.ToString().ReplaceLineEndings("\n");
    }

    private bool NeedsTypeName => Definition.Type is "json" or "jsonb" or "citext" || Definition.Type.Contains('(', StringComparison.Ordinal);

    private static string? TypeOf(string type) => type switch
    {
        "smallint" => "short",
        "integer" => "int",
        "bigint" => "long",
        "real" => "float",
        "double precision" => "double",
        "numeric" => "decimal",
        "boolean" => "bool",
        "uuid" => "Guid",
        "text" or "character varying" or "citext" or "json" or "jsonb" => "string",
        "timestamp with time zone" => "DateTime",
        "date" => "DateOnly",
        "interval" => "TimeSpan",
        "bytea" => "byte[]",
        _ when type.EndsWith("[]", StringComparison.Ordinal) => type[..^2] is "json" or "jsonb" or "citext" or "bytea" or "character varying" || type.Contains('(', StringComparison.Ordinal) || TypeOf(type[..^2]) is not { } element ? null : $"{element}[]",
        _ when type.StartsWith("character varying(", StringComparison.Ordinal) => "string",
        // A decimal has no more digits.
        _ when type.StartsWith("numeric(", StringComparison.Ordinal) => int.Parse(type["numeric(".Length..type.IndexOfAny([',', ')'])], CultureInfo.InvariantCulture) <= 28 ? "decimal" : null,
        _ => null,
    };
}
