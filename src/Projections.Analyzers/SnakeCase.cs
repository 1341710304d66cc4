using System.Text;

namespace Projections.Analyzers;

/// <summary>Names as <c>JsonNamingPolicy.SnakeCaseLower</c> has them, which the compiler's own processes do not bring along.</summary>
internal static class SnakeCase
{
    public static string Of(string name)
    {
        var result = new StringBuilder(name.Length + 8);
        for (var i = 0; i < name.Length; i++)
        {
            if (i > 0 && BeginsWord(name, i) && result[result.Length - 1] != '_')
            {
                result.Append('_');
            }

            result.Append(char.ToLowerInvariant(name[i]));
        }

        return result.ToString();
    }

    // "NetUSAmount2" has the words net, us, amount2.
    private static bool BeginsWord(string name, int at) =>
        char.IsUpper(name[at])
        && (!char.IsUpper(name[at - 1]) || (at + 1 < name.Length && char.IsLower(name[at + 1])));
}
