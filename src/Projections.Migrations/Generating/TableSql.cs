namespace Projections.Migrations.Generating;

/// <summary>Tables and columns as SQL.</summary>
internal static class TableSql
{
    /// <summary>Whether an object is made with its table, where the table is made.</summary>
    public static bool IsPart(SchemaObject one) =>
        one.Kind == ObjectKind.Column || (one.Kind == ObjectKind.Constraint && one.Traits[ConstraintTraits.Kind] != "f");

    public static string Create(SchemaObject table, IEnumerable<SchemaObject> parts)
    {
        var lines = parts.OrderBy(part => part.Kind)
            .Select(part => part.Kind == ObjectKind.Column ? Column(part) : $"CONSTRAINT {part.Own} {part.Traits[ConstraintTraits.Definition]}");
        return $"CREATE {table.Traits[0]}TABLE {table.Name} (\n    {string.Join(",\n    ", lines)}\n)";
    }

    /// <summary>A column as it stands in <c>CREATE TABLE</c>.</summary>
    public static string Column(SchemaObject column) =>
        $"{column.Own} {column.Traits[ColumnTraits.Definition]}{Default(column)}{(IsRequired(column) ? NotNull(column) : "")}";

    /// <summary>The statements that add a column to a table with rows.</summary>
    /// <returns>None where there are none that spare the rows.</returns>
    public static IReadOnlyList<string> Add(SchemaObject column) => column switch
    {
        _ when IsComputed(column) || (IsRequired(column) && (DefaultOf(column) is null || IsVolatile(column))) => [],

        // With the default at once, each row would be written with a value of its own.
        _ when IsVolatile(column) => AddUnfilled(column),
        _ => [$"ALTER TABLE {column.Parent} ADD COLUMN {Column(column)}"],
    };

    /// <summary>The statements that add a column to a table with rows, where the rows get their values later.</summary>
    public static IReadOnlyList<string> AddUnfilled(SchemaObject column)
    {
        var add = $"ALTER TABLE {column.Parent} ADD COLUMN {column.Own} {column.Traits[ColumnTraits.Definition]}";
        return DefaultOf(column) is null ? [add] : [add, SetDefault(column)];
    }

    public static string Fill(SchemaObject column, string key, string value) =>
        $"""
        -- table: {column.Parent}
        -- key: {key}
        UPDATE {column.Parent} SET {column.Own} = {value}
         WHERE {key} BETWEEN :first AND :last AND {column.Own} IS NULL
        """;

    public static string SetDefault(SchemaObject column) => DefaultOf(column) is { } value
        ? $"ALTER TABLE {column.Parent} ALTER COLUMN {column.Own} SET DEFAULT {value}"
        : $"ALTER TABLE {column.Parent} ALTER COLUMN {column.Own} DROP DEFAULT";

    public static string? DefaultOf(SchemaObject column) => column.Traits[ColumnTraits.Default];

    public static bool IsRequired(SchemaObject column) => column.Traits[ColumnTraits.IsRequired] == "true";

    public static bool IsComputed(SchemaObject column) => column.Traits[ColumnTraits.IsComputed] == "true";

    /// <summary>The name of the constraint by which a column must have a value, where it is not the usual one; <c>null</c> otherwise.</summary>
    public static string? OwnNotNullName(SchemaObject column) =>
        column.Traits[ColumnTraits.NotNull] is { } name && name != column.Traits[ColumnTraits.UsualNotNull] ? name : null;

    private static string NotNull(SchemaObject column) => OwnNotNullName(column) is { } name ? $" CONSTRAINT {name} NOT NULL" : " NOT NULL";

    private static bool IsVolatile(SchemaObject column) => column.Traits[ColumnTraits.IsVolatile] == "true";

    private static string Default(SchemaObject column) => DefaultOf(column) is { } value ? $" DEFAULT {value}" : "";
}
