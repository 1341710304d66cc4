using System.Collections.Concurrent;
using System.ComponentModel.DataAnnotations.Schema;
using System.Linq.Expressions;
using System.Reflection;
using System.Text.Json;
using Projections.Definitions;

namespace Projections.Reactions;

/// <summary>How the rows of versions become what a reaction sees of them: column by column, by name. Compiled once for each row type of a version.</summary>
internal static class ReactionRow<TRow>
    where TRow : class
{
    private static readonly ConcurrentDictionary<Type, Func<object, TRow>> Known = new();

    private static readonly NullabilityInfoContext Nullability = new();

    private static readonly IReadOnlyList<Wanted> Columns =
    [
        .. typeof(TRow).GetProperties(BindingFlags.Instance | BindingFlags.Public)
            .Where(property => property.GetIndexParameters().Length == 0 && property.GetMethod is not null && property.GetCustomAttribute<NotMappedAttribute>() is null)
            .OrderBy(property => property.MetadataToken)
            .Select(property => new Wanted(
                property,
                property.GetCustomAttribute<ColumnAttribute>()?.Name ?? JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name),
                property.PropertyType.IsValueType ? Nullable.GetUnderlyingType(property.PropertyType) is not null : Nullability.Create(property).ReadState != NullabilityState.NotNull)),
    ];

    private static ConstructorInfo? Constructor => typeof(TRow).GetConstructors()
        .OrderBy(constructor => constructor.GetParameters().Length)
        .FirstOrDefault(constructor => Array.TrueForAll(constructor.GetParameters(), parameter => Find(parameter) is not null));

    /// <summary>What is wrong with the type, whatever the versions are.</summary>
    public static IEnumerable<string> Problems
    {
        get
        {
            if (Constructor is not { } constructor)
            {
                yield return $"{TypeName.Of(typeof(TRow))} cannot be made of columns. Declare it as a record of them, or give it a constructor without parameters.";
                yield break;
            }

            foreach (var column in Columns.Where(column => column.Property.SetMethod is null && !Array.Exists(constructor.GetParameters(), parameter => Find(parameter) == column)))
            {
                yield return $"{TypeName.Of(typeof(TRow))}.{column.Property.Name} cannot be set. Give it a setter, or mark it [NotMapped].";
            }
        }
    }

    /// <summary>The columns that a version has not, or has otherwise.</summary>
    public static IEnumerable<string> MisfitsOf(VersionId version, IReadOnlyList<(ColumnDefinition Column, PropertyInfo Property)> properties)
    {
        foreach (var wanted in Columns)
        {
            var (column, property) = properties.FirstOrDefault(one => one.Column.Name == wanted.Name);
            if (column is null)
            {
                yield return $"{version} has no column '{wanted.Name}'.";
            }
            else if (!Takes(wanted.Property.PropertyType, property.PropertyType))
            {
                yield return $"{version} has the column '{wanted.Name}' as {TypeName.Of(property.PropertyType)} ({column.Type}), and not as {TypeName.Of(wanted.Property.PropertyType)}.";
            }
            else if (column.IsNullable && !wanted.IsNullable)
            {
                yield return $"{version} may have no value in the column '{wanted.Name}', and the reaction expects one.";
            }
        }
    }

    /// <summary>What makes a reaction's row of a version's.</summary>
    public static Func<object, TRow> Of(IReadOnlyList<(ColumnDefinition Column, PropertyInfo Property)> properties) =>
        Known.GetOrAdd(properties[0].Property.ReflectedType!, type => Compile(type, properties));

    private static Func<object, TRow> Compile(Type type, IReadOnlyList<(ColumnDefinition Column, PropertyInfo Property)> properties)
    {
        var given = Expression.Parameter(typeof(object));
        var row = Expression.Convert(given, type);
        Expression ValueOf(Wanted wanted) => Expression.Convert(
            Expression.Property(row, properties.First(one => one.Column.Name == wanted.Name).Property), wanted.Property.PropertyType);
        var parameters = Constructor!.GetParameters();
        var made = Expression.New(Constructor, parameters.Select(parameter => ValueOf(Find(parameter)!)));
        var rest = Columns.Where(column => !Array.Exists(parameters, parameter => Find(parameter) == column));
        return Expression.Lambda<Func<object, TRow>>(
            Expression.MemberInit(made, rest.Select(column => Expression.Bind(column.Property, ValueOf(column)))), given).Compile();
    }

    private static bool Takes(Type wanted, Type found) => wanted == found || Nullable.GetUnderlyingType(wanted) == found;

    private static Wanted? Find(ParameterInfo parameter) =>
        Columns.FirstOrDefault(column => string.Equals(column.Property.Name, parameter.Name, StringComparison.OrdinalIgnoreCase) && column.Property.PropertyType == parameter.ParameterType);

    private sealed record Wanted(PropertyInfo Property, string Name, bool IsNullable);
}
