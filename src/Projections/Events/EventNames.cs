using System.Text;

namespace Projections.Events;

/// <summary>How stores and their libraries name events by the classes that they are made of. Any function of a type will do as well.</summary>
public static class EventNames
{
    /// <summary><c>InvoiceIssued</c> is <c>invoice_issued</c>: Marten's <c>ClassicTypeName</c>, its default. A nested class goes by its own name alone.</summary>
    public static string Marten(Type type) => SnakeCase(type.Name);

    /// <summary>As <see cref="Marten"/>, with the class around a nested one: <c>invoice.issued</c> (Marten's <c>SmarterTypeName</c>).</summary>
    public static string MartenSmarter(Type type) => type.DeclaringType is { } outer ? $"{SnakeCase(outer.Name)}.{SnakeCase(type.Name)}" : SnakeCase(type.Name);

    /// <summary><c>Shop.Invoicing.InvoiceIssued</c>, with points before nested classes, too (Marten's <c>FullTypeName</c>).</summary>
    public static string MartenFull(Type type) => Kurrent(type).Replace('+', '.');

    /// <summary><c>InvoiceIssued</c>: Emmett, and whatever appends <c>nameof(InvoiceIssued)</c>.</summary>
    public static string Emmett(Type type) => type.Name;

    /// <summary><c>Shop.Invoicing.InvoiceIssued</c>, as .NET has it: what programs append to EventStoreDB and KurrentDB that use the full name.</summary>
    public static string Kurrent(Type type) => type.FullName!;

    /// <summary>
    /// Parts a name where a small letter is followed by another character, and before the last of several other characters that is followed by a small
    /// letter. Digits count as capitals, as they do for Marten: <c>HTTPCallV2Made</c> is <c>http_call_v2_made</c>, <c>Line2Added</c> is <c>line_2_added</c>.
    /// </summary>
    private static string SnakeCase(string name)
    {
        var snake = new StringBuilder(name.Length + 8);
        for (var i = 0; i < name.Length; i++)
        {
            var parts = i > 0 && !char.IsLower(name[i]) && (char.IsLower(name[i - 1]) || (i + 1 < name.Length && char.IsLower(name[i + 1])));
            snake.Append(parts ? "_" : "").Append(char.ToLowerInvariant(name[i]));
        }

        return snake.ToString();
    }
}
