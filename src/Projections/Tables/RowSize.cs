using System.Reflection;
using System.Runtime.CompilerServices;

namespace Projections.Tables;

/// <summary>How many bytes an object of a class takes on the heap, as the runtime lays it out: fields and a header of 16 bytes.</summary>
internal static class RowSize
{
    private const int Header = 16;
    private const int Smallest = 24;

    public static int Of(Type type)
    {
        var bytes = Header;
        for (var level = type; level is not null && level != typeof(object); level = level.BaseType)
        {
            foreach (var field in level.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            {
                bytes += SizeOf(field.FieldType);
            }
        }

        return Math.Max(Smallest, (bytes + 7) & ~7);
    }

    private static int SizeOf(Type type) => type.IsValueType
        ? (int)typeof(Unsafe).GetMethod(nameof(Unsafe.SizeOf))!.MakeGenericMethod(type).Invoke(null, null)!
        : IntPtr.Size;
}
