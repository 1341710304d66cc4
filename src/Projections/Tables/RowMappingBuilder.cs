using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;
using System.Linq.Expressions;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Projections.Definitions;
using Projections.Tables.ColumnTypes;

namespace Projections.Tables;

/// <summary>
/// Reads a row type: each public property is a column of its name in snake case, unless <c>[Column]</c> says otherwise or
/// <c>[NotMapped]</c> takes it out; <c>[Key]</c> marks the key, in the order of declaration. Collects everything that is wrong.
/// </summary>
internal sealed class RowMappingBuilder<TKey, TRow>
    where TKey : notnull
    where TRow : class, new()
{
    // Compiled once: a row type stays as it is while a program runs, and versions of it are made by the thousand where they are tested.
    private static readonly ConditionalWeakTable<JsonSerializerOptions, Built> Known = [];

    private readonly JsonSerializerOptions _documents;
    private readonly List<string> _errors;
    private readonly NullabilityInfoContext _nullability = new();
    private readonly List<RowColumn<TRow>> _columns = [];
    private readonly List<(PropertyInfo Property, ColumnDefinition Column, object Type)> _keyProperties = [];

    private RowMappingBuilder(JsonSerializerOptions documents, List<string> errors) => (_documents, _errors) = (documents, errors);

    /// <param name="documents">How members that are objects become JSON.</param>
    /// <param name="errors">Everything that is wrong.</param>
    /// <returns>The mapping, or <c>null</c> if anything was added to <paramref name="errors"/>.</returns>
    public static RowMapping<TKey, TRow>? Build(JsonSerializerOptions documents, List<string> errors)
    {
        var built = Known.GetValue(documents, Build);
        errors.AddRange(built.Errors);
        return built.Mapping;
    }

    private static Built Build(JsonSerializerOptions documents)
    {
        var errors = new List<string>();
        var builder = new RowMappingBuilder<TKey, TRow>(DocumentJson.Of(documents), errors);
        builder.AddColumns();
        var components = builder.KeyComponents();
        return new Built(errors.Count == 0 ? builder.Create(components) : null, errors);
    }

    private static string RowName => TypeName.Of(typeof(TRow));

    private void AddColumns()
    {
        foreach (var property in typeof(TRow).GetProperties(BindingFlags.Instance | BindingFlags.Public).OrderBy(property => property.MetadataToken))
        {
            if (property.GetCustomAttribute<NotMappedAttribute>() is null && property.GetIndexParameters().Length == 0)
            {
                AddColumn(property);
            }
        }

        foreach (var twice in _columns.GroupBy(column => column.Definition.Name, StringComparer.Ordinal).Where(group => group.Count() > 1))
        {
            _errors.Add($"{RowName} has two properties for the column '{twice.Key}': {string.Join(" and ", twice.Select(column => column.Property.Name))}. Give one another name by [Column(\"...\")].");
        }
    }

    private void AddColumn(PropertyInfo property)
    {
        var declared = property.GetCustomAttribute<ColumnAttribute>();
        var name = declared?.Name ?? JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name);
        var where = $"{RowName}.{property.Name}";
        if (property.GetMethod is null || property.SetMethod is null)
        {
            _errors.Add($"{where} cannot be {(property.SetMethod is null ? "set" : "read")}. Give it a getter and a setter, or mark it [NotMapped].");
        }
        else if (Encoding.UTF8.GetByteCount(name) > 63)
        {
            _errors.Add($"{where} would be the column '{name}', whose name has {Encoding.UTF8.GetByteCount(name)} bytes; PostgreSQL cuts names after 63. Give it a shorter one by [Column(\"...\")].");
        }
        else if (FindType(property, declared?.TypeName, where) is { } type)
        {
            AddColumn(property, name, type);
        }
    }

    private object? FindType(PropertyInfo property, string? declared, string where)
    {
        try
        {
            if (ColumnTypeCatalog.TryFind(property.PropertyType, declared, _documents, out var type))
            {
                _errors.AddRange(type is IDocumentType document ? DocumentShape.FindLosses(document.Shape).Select(loss => $"{where}: {loss}") : []);
                return type;
            }

            _errors.Add(declared is not null
                ? $"{where} is of type {TypeName.Of(property.PropertyType)}, which cannot be kept in a column of type '{declared}'. Change the property's type or [Column(TypeName = \"...\")]."
                : $"{where} is of type {TypeName.Of(property.PropertyType)}, which no column can hold. Use one of {ColumnTypeCatalog.Supported}; or keep it as JSON with [Column(TypeName = \"jsonb\")]; or mark it [NotMapped].");
        }
        catch (Exception error) when (error is NotSupportedException or InvalidOperationException)
        {
            _errors.Add($"{where} cannot be kept as JSON: {error.Message} Mend the class; or, where Documents names a context, add [JsonSerializable] for it.");
        }

        return null;
    }

    private void AddColumn(PropertyInfo property, string name, object type)
    {
        var isKey = property.GetCustomAttribute<KeyAttribute>() is not null;
        var typeName = (string)type.GetType().GetProperty(nameof(ColumnType<int>.Name))!.GetValue(type)!;
        var definition = new ColumnDefinition(name, typeName, !isKey && IsNullable(property), isKey ? _keyProperties.Count + 1 : 0);
        _columns.Add((RowColumn<TRow>)Activator.CreateInstance(
            typeof(RowColumn<,>).MakeGenericType(typeof(TRow), property.PropertyType), definition, property, type)!);
        if (isKey)
        {
            _keyProperties.Add((property, definition, type));
        }
    }

    private bool IsNullable(PropertyInfo property) => property.PropertyType.IsValueType
        ? Nullable.GetUnderlyingType(property.PropertyType) is not null
        : _nullability.Create(property).WriteState != NullabilityState.NotNull;

    /// <summary>The components of the key type, in the order of the row's key properties; <c>null</c> for the key itself.</summary>
    private PropertyInfo?[] KeyComponents()
    {
        if (_keyProperties.Count == 0)
        {
            _errors.Add($"{RowName} has no key. Mark the property (or the properties) of the primary key with [Key].");
            return [];
        }

        foreach (var (property, _, _) in _keyProperties.Where(key => !CanBeKey(key.Property.PropertyType, key.Column)))
        {
            _errors.Add($"{RowName}.{property.Name} cannot be part of a key: its type compares differently in memory and in PostgreSQL, or may be null. Use short, int, long, Guid, string (text or varchar), bool, DateOnly, DateTime or an enum.");
        }

        if (_keyProperties.Count == 1 && _keyProperties[0].Property.PropertyType == typeof(TKey))
        {
            return [null];
        }

        var components = KeyConstructor()?.GetParameters() ?? [];
        var matches = components.Length == _keyProperties.Count
            && components.Zip(_keyProperties).All(pair => pair.First.Name == pair.Second.Property.Name && pair.First.ParameterType == pair.Second.Property.PropertyType);
        if (!matches)
        {
            var wanted = string.Join(", ", _keyProperties.Select(key => $"{TypeName.Of(key.Property.PropertyType)} {key.Property.Name}"));
            _errors.Add(_keyProperties.Count == 1
                ? $"The fold's key is of type {TypeName.Of(typeof(TKey))}, but {RowName}'s key is {wanted}. Make the two the same type."
                : $"The fold's key is of type {TypeName.Of(typeof(TKey))}, but {RowName}'s key is ({wanted}). Declare the fold's key as 'readonly record struct {(typeof(TKey).IsPrimitive || typeof(TKey).Namespace == "System" ? "Key" : typeof(TKey).Name)}({wanted})'.");
            return [];
        }

        return [.. components.Select(component => typeof(TKey).GetProperty(component.Name!))];
    }

    private static ConstructorInfo? KeyConstructor() => typeof(TKey).IsValueType && !typeof(TKey).IsPrimitive && typeof(TKey).Namespace != "System"
        ? typeof(TKey).GetConstructors().OrderByDescending(constructor => constructor.GetParameters().Length).FirstOrDefault()
        : null;

    // Case-insensitive, floating and offset-carrying values would be one key in one place and two in the other.
    private static bool CanBeKey(Type type, ColumnDefinition column) =>
        type.IsEnum
        || ((type == typeof(short) || type == typeof(int) || type == typeof(long) || type == typeof(Guid) || type == typeof(string)
            || type == typeof(bool) || type == typeof(DateOnly) || type == typeof(DateTime)) && column.Type is not ("citext" or "json" or "jsonb"));

    private RowMapping<TKey, TRow> Create(PropertyInfo?[] components)
    {
        var parts = new KeyPart<TKey, TRow>[components.Length];
        for (var i = 0; i < parts.Length; i++)
        {
            var (property, column, type) = _keyProperties[i];
            parts[i] = (KeyPart<TKey, TRow>)Activator.CreateInstance(
                typeof(KeyPart<,,>).MakeGenericType(typeof(TKey), typeof(TRow), property.PropertyType), property, components[i], column, type)!;
        }

        return new RowMapping<TKey, TRow>([.. _columns], parts, KeyOf(components));
    }

    private Func<TRow, TKey> KeyOf(PropertyInfo?[] components)
    {
        if (components is [null])
        {
            return _keyProperties[0].Property.GetMethod!.CreateDelegate<Func<TRow, TKey>>();
        }

        // Compiled when a row is first asked: most commands ask none, and the compiler takes longer to load than they should take to start.
        var compiled = new Lazy<Func<TRow, TKey>>(CompileKey);
        return row => compiled.Value(row);
    }

    private Func<TRow, TKey> CompileKey()
    {
        var row = Expression.Parameter(typeof(TRow));
        var values = _keyProperties.Select(key => Expression.Property(row, key.Property));
        return Expression.Lambda<Func<TRow, TKey>>(Expression.New(KeyConstructor()!, values), row).Compile();
    }

    private sealed record Built(RowMapping<TKey, TRow>? Mapping, IReadOnlyList<string> Errors);
}
