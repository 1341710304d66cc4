using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Projections.Migrations.Files;

/// <summary>Makes the name of a file out of the words in which people say what a migration does.</summary>
internal static partial class MigrationName
{
    private static readonly Dictionary<char, string> Plain = new()
    {
        ['ä'] = "ae", ['ö'] = "oe", ['ü'] = "ue", ['ß'] = "ss", ['æ'] = "ae", ['ø'] = "oe", ['å'] = "aa", ['é'] = "e", ['è'] = "e", ['ê'] = "e", ['ë'] = "e",
        ['á'] = "a", ['à'] = "a", ['â'] = "a", ['í'] = "i", ['î'] = "i", ['ï'] = "i", ['ó'] = "o", ['ô'] = "o", ['ú'] = "u", ['û'] = "u", ['ñ'] = "n", ['ç'] = "c",
    };

    /// <returns>Small letters with underscores: <c>CreateUserTable</c> becomes <c>create_user_table</c>, <c>Größe</c> becomes <c>groesse</c>; empty when nothing is left.</returns>
    public static string Of(string words)
    {
        var plain = new StringBuilder();
        foreach (var letter in WordEnd().Replace(words, "_"))
        {
            var small = char.ToLower(letter, CultureInfo.InvariantCulture);
            plain.Append(Plain.TryGetValue(small, out var letters) ? letters : small.ToString());
        }

        return NotInNames().Replace(plain.ToString(), "_").Trim('_');
    }

    // Between "create" and "User", and between "HTTP" and "Server".
    [GeneratedRegex(@"(?<=[\p{Ll}\d])(?=\p{Lu})|(?<=\p{Lu})(?=\p{Lu}\p{Ll})", RegexOptions.CultureInvariant)]
    private static partial Regex WordEnd();

    [GeneratedRegex("[^a-z0-9]+", RegexOptions.CultureInvariant)]
    private static partial Regex NotInNames();
}
