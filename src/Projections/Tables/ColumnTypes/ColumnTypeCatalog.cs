using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Projections.Definitions;

namespace Projections.Tables.ColumnTypes;

/// <summary>Which PostgreSQL type a property's C# type is kept in.</summary>
internal static partial class ColumnTypeCatalog
{
    private static readonly Dictionary<Type, object> Defaults = new()
    {
        [typeof(short)] = new SmallIntType(),
        [typeof(int)] = new IntegerType(),
        [typeof(long)] = new BigIntType(),
        [typeof(float)] = new RealType(),
        [typeof(double)] = new DoubleType(),
        [typeof(decimal)] = new NumericType(),
        [typeof(bool)] = new BooleanType(),
        [typeof(Guid)] = new UuidType(),
        [typeof(string)] = new TextType(),
        [typeof(DateTime)] = new TimestampType(),
        [typeof(DateTimeOffset)] = new TimestampOffsetType(),
        [typeof(DateOnly)] = new DateType(),
        [typeof(TimeSpan)] = new IntervalType(),
        [typeof(byte[])] = new ByteaType(),
    };

    /// <summary>What a refused property's type could be instead, for messages.</summary>
    public const string Supported =
        "short, int, long, float, double, decimal, bool, Guid, string, DateTime, DateTimeOffset, DateOnly, TimeSpan, byte[], enums, their nullable forms, and arrays of all but byte[] and enums";

    /// <summary>Finds the <see cref="ColumnType{T}"/> for a property.</summary>
    /// <param name="type">The property's C# type.</param>
    /// <param name="declared">The type that <c>[Column(TypeName = "...")]</c> asks for, if any.</param>
    /// <param name="documents">How objects become JSON.</param>
    /// <param name="found">A <c>ColumnType&lt;type&gt;</c>.</param>
    /// <returns>Whether the one can be kept in the other.</returns>
    /// <exception cref="NotSupportedException">The type is to be kept as JSON, and <paramref name="documents"/> knows none for it.</exception>
    /// <exception cref="InvalidOperationException">The type is to be kept as JSON, and contradicts itself.</exception>
    public static bool TryFind(Type type, string? declared, JsonSerializerOptions documents, [NotNullWhen(true)] out object? found)
    {
        if (declared is not null && TypeSpelling.Normalize(declared) is "json" or "jsonb" && CanBeDocument(type))
        {
            found = Make(typeof(DocumentType<>), type, documents.GetTypeInfo(type), TypeSpelling.Normalize(declared) == "jsonb");
        }
        else if (Nullable.GetUnderlyingType(type) is { } underlying)
        {
            found = TryFind(underlying, declared, documents, out var inner) ? Make(typeof(NullableType<>), underlying, inner) : null;
        }
        else if (declared is not null && OfDeclared(type, TypeSpelling.Normalize(declared)) is { } chosen)
        {
            found = chosen;
        }
        else
        {
            found = OfDefault(type);
            if (declared is not null && found is not null && (string)found.GetType().GetProperty(nameof(ColumnType<int>.Name))!.GetValue(found)! != TypeSpelling.Normalize(declared))
            {
                found = null;
            }
        }

        return found is not null;
    }

    private static bool CanBeDocument(Type type) =>
        (Nullable.GetUnderlyingType(type) ?? type) is { IsEnum: false, IsPrimitive: false, IsPointer: false } plain && !Defaults.ContainsKey(plain) && plain != typeof(object);

    private static object? OfDefault(Type type)
    {
        if (Defaults.TryGetValue(type, out var known))
        {
            return known;
        }

        if (type.IsEnum)
        {
            return Make(typeof(EnumType<>), type);
        }

        return type.IsSZArray && Defaults.TryGetValue(type.GetElementType()!, out var element) && element is not ByteaType
            ? Make(typeof(ArrayType<>), type.GetElementType()!, element)
            : null;
    }

    private static object? OfDeclared(Type type, string declared)
    {
        if (type == typeof(decimal) && Numeric().Match(declared) is { Success: true } numeric)
        {
            var precision = Number(numeric.Groups["precision"]);
            var scale = Number(numeric.Groups["scale"]);
            return precision is >= 1 and <= 28 && scale <= precision ? new NumericType(precision, scale) : null;
        }

        if (type != typeof(string))
        {
            return null;
        }

        if (Varying().Match(declared) is { Success: true } varying)
        {
            return new TextType(Number(varying.Groups["longest"]));
        }

        return declared switch
        {
            "json" => new JsonType(binary: false),
            "jsonb" => new JsonType(binary: true),
            "text" or "citext" or "character varying" => new TextType(declared),
            _ => null,
        };
    }

    private static int Number(Group group) => int.Parse(group.Value, CultureInfo.InvariantCulture);

    private static object Make(Type open, Type argument, params object[] arguments) =>
        Activator.CreateInstance(open.MakeGenericType(argument), arguments)!;

    [GeneratedRegex(@"^numeric\((?<precision>[0-9]{1,4}),(?<scale>[0-9]{1,4})\)$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Numeric();

    [GeneratedRegex(@"^character varying\((?<longest>[0-9]{1,8})\)$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Varying();
}
