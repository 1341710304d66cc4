using Microsoft.CodeAnalysis;
using Projections.Definitions;
using Projections.Tables;
using Projections.Tables.ColumnTypes;

namespace Projections.Analyzers;

/// <summary>The columns that a row's properties ask for, by the rules of the engine's own mapping.</summary>
internal static class RowColumns
{
    /// <summary>All of them; <c>null</c> if any is beyond what can be told from its declaration.</summary>
    public static IReadOnlyList<ColumnDefinition>? Of(INamedTypeSymbol row)
    {
        var columns = new List<ColumnDefinition>();
        foreach (var property in PropertiesOf(row))
        {
            var declared = Attribute(property, "System.ComponentModel.DataAnnotations.Schema.ColumnAttribute");
            if (TypeOf(property, declared?.NamedArguments.FirstOrDefault(argument => argument.Key == "TypeName").Value.Value as string) is not { } type)
            {
                return null;
            }

            var isKey = Attribute(property, "System.ComponentModel.DataAnnotations.KeyAttribute") is not null;
            var name = declared?.ConstructorArguments.FirstOrDefault().Value as string ?? SnakeCase.Of(property.Name);
            columns.Add(new ColumnDefinition(name, type, !isKey && IsNullable(property), isKey ? columns.Count(column => column.KeyOrdinal > 0) + 1 : 0));
        }

        return columns;
    }

    /// <summary>The public ones, those of a base class first.</summary>
    private static IEnumerable<IPropertySymbol> PropertiesOf(INamedTypeSymbol row)
    {
        var inherited = row.BaseType is { SpecialType: not SpecialType.System_Object } above ? PropertiesOf(above) : [];
        return inherited.Concat(row.GetMembers().OfType<IPropertySymbol>().Where(property =>
            property is { IsStatic: false, IsIndexer: false, DeclaredAccessibility: Accessibility.Public }
            && Attribute(property, "System.ComponentModel.DataAnnotations.Schema.NotMappedAttribute") is null));
    }

    private static string? TypeOf(IPropertySymbol property, string? declared)
    {
        if (declared is not null)
        {
            // Whether the one can be kept in the other is for the start to say.
            return TypeSpelling.Normalize(declared);
        }

        return (IsNullableValue(property.Type) ? ((INamedTypeSymbol)property.Type).TypeArguments[0] : property.Type) switch
        {
            IArrayTypeSymbol { IsSZArray: true, ElementType.SpecialType: SpecialType.System_Byte } => "bytea",
            IArrayTypeSymbol { IsSZArray: true, ElementType: var element } when element.TypeKind != TypeKind.Enum && PlainTypeOf(element) is { } name => $"{name}[]",
            { TypeKind: TypeKind.Enum } => "text",
            var type => PlainTypeOf(type),
        };
    }

    private static string? PlainTypeOf(ITypeSymbol type) => type.SpecialType switch
    {
        SpecialType.System_Int16 => "smallint",
        SpecialType.System_Int32 => "integer",
        SpecialType.System_Int64 => "bigint",
        SpecialType.System_Single => "real",
        SpecialType.System_Double => "double precision",
        SpecialType.System_Decimal => "numeric",
        SpecialType.System_Boolean => "boolean",
        SpecialType.System_String => "text",
        SpecialType.System_DateTime => "timestamp with time zone",
        _ => type.ToDisplayString() switch
        {
            "System.Guid" => "uuid",
            "System.DateTimeOffset" => "timestamp with time zone",
            "System.DateOnly" => "date",
            "System.TimeSpan" => "interval",
            _ => null,
        },
    };

    private static bool IsNullableValue(ITypeSymbol type) => type.OriginalDefinition.SpecialType == SpecialType.System_Nullable_T;

    private static bool IsNullable(IPropertySymbol property) => property.Type.IsValueType
        ? IsNullableValue(property.Type)
        : property.NullableAnnotation != NullableAnnotation.NotAnnotated;

    private static AttributeData? Attribute(ISymbol symbol, string name) =>
        symbol.GetAttributes().FirstOrDefault(attribute => attribute.AttributeClass?.ToDisplayString() == name);
}
