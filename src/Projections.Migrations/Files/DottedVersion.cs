using System.Globalization;

namespace Projections.Migrations.Files;

/// <summary>Versions of several numbers, such as Flyway's <c>1.2</c> or <c>2_0_3</c>, as whole numbers in the same order.</summary>
internal static class DottedVersion
{
    // Nine digits and three times three are what a file's number can have.
    private const int Parts = 4;
    private const long First = 999_999_999;
    private const long Later = 999;

    /// <returns>The number: <c>1002000000</c> for <c>1.2</c>; <c>null</c> for what has no place in it.</returns>
    public static long? ToWhole(string version)
    {
        var parts = version.Split('.', '_');
        var whole = 0L;
        for (var i = 0; i < Math.Max(Parts, parts.Length); i++)
        {
            var text = i < parts.Length ? parts[i] : "0";
            if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var part) || part > (i == 0 ? First : i < Parts ? Later : 0))
            {
                return null;
            }

            whole = i < Parts ? (whole * (Later + 1)) + part : whole;
        }

        return whole;
    }

    /// <summary>As it stands in a file's name: long enough that nobody asks for the numbers between.</summary>
    public static string Render(long whole) => whole.ToString("D12", CultureInfo.InvariantCulture);
}
