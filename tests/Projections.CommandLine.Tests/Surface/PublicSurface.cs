using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;

namespace Projections.CommandLine.Surface;

/// <summary>Everything of an assembly that others can use, a line each, in an order that does not change by itself.</summary>
internal static class PublicSurface
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly string[] OfRecords = ["<Clone>$", "Deconstruct", "Equals", "GetHashCode", "PrintMembers", "ToString", "op_Equality", "op_Inequality", "get_EqualityContract"];

    private static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(void)] = "void", [typeof(bool)] = "bool", [typeof(byte)] = "byte", [typeof(short)] = "short", [typeof(int)] = "int", [typeof(long)] = "long", [typeof(ulong)] = "ulong",
        [typeof(float)] = "float", [typeof(double)] = "double", [typeof(decimal)] = "decimal", [typeof(string)] = "string", [typeof(object)] = "object",
    };

    public static string Of(Assembly assembly)
    {
        var text = new StringBuilder();
        foreach (var type in assembly.GetExportedTypes().OrderBy(FullName, StringComparer.Ordinal))
        {
            text.Append(Header(type)).Append('\n');
            foreach (var member in Members(type).Order(StringComparer.Ordinal))
            {
                text.Append("  ").Append(member).Append('\n');
            }
        }

        return text.ToString();
    }

    private static string Header(Type type)
    {
        var kind = type.IsEnum ? "enum" : type.IsInterface ? "interface" : type.IsValueType ? "struct" : typeof(Delegate).IsAssignableFrom(type) ? "delegate" : "class";
        var manner = kind != "class" ? "" : type is { IsAbstract: true, IsSealed: true } ? "static " : type.IsAbstract ? "abstract " : type.IsSealed ? "sealed " : "";
        var bases = new[] { type.BaseType }.OfType<Type>().Where(above => above != typeof(object) && above != typeof(ValueType) && above != typeof(Enum) && above != typeof(MulticastDelegate))
            .Concat(type.GetInterfaces().Except(type.BaseType?.GetInterfaces() ?? []).Where(one => one.IsPublic && one.Name != "IEquatable`1"))
            .Select(Name).Order(StringComparer.Ordinal).ToArray();
        return $"{manner}{kind} {FullName(type)}{(bases is [] || type.IsEnum ? "" : $" : {string.Join(", ", bases)}")}";
    }

    private static string[] Members(Type type)
    {
        if (type.IsEnum)
        {
            return Enum.GetNames(type);
        }

        var methods = type.GetMethods(Declared).Where(method => IsSeen(method) && !method.IsSpecialName && !IsOfRecord(type, method)).Select(Method);
        var constructors = type.GetConstructors(Declared).Where(IsSeen).Select(constructor => $"new({Parameters(constructor)})");
        var properties = type.GetProperties(Declared).Where(property => IsSeen(property.GetMethod) || IsSeen(property.SetMethod)).Where(property => property.Name != "EqualityContract").Select(Property);
        var fields = type.GetFields(Declared).Where(field => field.IsPublic || field.IsFamily).Select(field => $"{(field.IsLiteral ? "const " : field.IsStatic ? "static " : "")}{Name(field.FieldType)} {field.Name}");
        return [.. methods, .. constructors, .. properties, .. fields];
    }

    private static string Method(MethodInfo method)
    {
        var generic = method.IsGenericMethod ? $"<{string.Join(", ", method.GetGenericArguments().Select(Name))}>" : "";
        return $"{Manner(method)}{Name(method.ReturnType)} {method.Name}{generic}({Parameters(method)})";
    }

    private static string Property(PropertyInfo property)
    {
        var accessors = string.Join(" ", new[]
        {
            IsSeen(property.GetMethod) ? "get;" : null,
            !IsSeen(property.SetMethod) ? null : property.SetMethod!.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) ? "init;" : "set;",
        }.OfType<string>());
        var required = property.GetCustomAttribute<RequiredMemberAttribute>() is null ? "" : "required ";
        return $"{Manner((property.GetMethod ?? property.SetMethod)!)}{required}{Name(property.PropertyType)} {property.Name} {{ {accessors} }}";
    }

    private static string Manner(MethodInfo method) =>
        $"{(method.IsFamily || method.IsFamilyOrAssembly ? "protected " : "")}{(method.IsStatic ? "static " : "")}{(method.DeclaringType!.IsInterface ? "" : method.IsAbstract ? "abstract " : method is { IsVirtual: true, IsFinal: false } ? "virtual " : "")}";

    private static string Parameters(MethodBase method) =>
        string.Join(", ", method.GetParameters().Select(parameter => $"{Name(parameter.ParameterType)} {parameter.Name}{(parameter.HasDefaultValue ? " = default" : "")}"));

    private static bool IsSeen(MethodBase? method) => method is { IsPublic: true } or { IsFamily: true } or { IsFamilyOrAssembly: true };

    // What the compiler writes for each record says nothing.
    private static bool IsOfRecord(Type type, MethodInfo method) =>
        (type.GetMethod("<Clone>$") is not null || type.IsValueType) && OfRecords.Contains(method.Name);

    private static string FullName(Type type) => $"{(type.IsNested ? FullName(type.DeclaringType!) + "." : type.Namespace + ".")}{Plain(type)}";

    private static string Name(Type type) => type switch
    {
        _ when Keywords.TryGetValue(type, out var keyword) => keyword,
        { IsArray: true } => $"{Name(type.GetElementType()!)}[]",
        { IsByRef: true } => $"ref {Name(type.GetElementType()!)}",
        _ when Nullable.GetUnderlyingType(type) is { } underlying => $"{Name(underlying)}?",
        _ => Plain(type),
    };

    private static string Plain(Type type)
    {
        var name = type.Name.Split('`')[0];
        return type.IsGenericType && type.Name.Contains('`', StringComparison.Ordinal) ? $"{name}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>" : name;
    }
}
