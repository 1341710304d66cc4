using Projections.Migrations.Parsing;

namespace Projections.Migrations.Files;

/// <summary>One file of a migration, read and cut into statements.</summary>
/// <param name="Path">Where it was read from, for messages.</param>
/// <param name="Kind">What it is for.</param>
/// <param name="Text">Its content.</param>
/// <param name="Checksums">The digests that are kept in the tracking table.</param>
/// <param name="FrontMatter">What it says about itself.</param>
/// <param name="Statements">Its statements in order.</param>
public sealed record MigrationFile(
    string Path,
    MigrationFileKind Kind,
    string Text,
    Checksums Checksums,
    FrontMatter FrontMatter,
    IReadOnlyList<SqlStatement> Statements)
{
    /// <summary>Reads a file's content.</summary>
    /// <exception cref="FrontMatterInvalid">The front matter cannot be understood.</exception>
    /// <exception cref="System.Text.DecoderFallbackException">The content is not UTF-8.</exception>
    public static MigrationFile Parse(string path, MigrationFileKind kind, byte[] content)
    {
        var text = Decode(content);
        return Of(path, kind, text, Checksums.Of(content, text));
    }

    /// <summary>Reads a file that holds the way there and the way back, each behind a line <c>-- up</c> or <c>-- down</c>.</summary>
    /// <returns>Both, each with the checksum of its own part.</returns>
    /// <exception cref="FrontMatterInvalid">The front matter cannot be understood.</exception>
    /// <exception cref="System.Text.DecoderFallbackException">The content is not UTF-8.</exception>
    public static (MigrationFile Up, MigrationFile Down) ParseBoth(string path, byte[] content)
    {
        var parts = MarkedParts.Of(Decode(content));
        return (Part(MigrationFileKind.Up, parts.Up), Part(MigrationFileKind.Down, parts.Down));

        MigrationFile Part(MigrationFileKind kind, string text) =>
            Of(path, kind, text, Checksums.Of(System.Text.Encoding.UTF8.GetBytes(text.Trim()), text.Trim()));
    }

    private static MigrationFile Of(string path, MigrationFileKind kind, string text, Checksums checksums) =>
        new(path, kind, text, checksums, FrontMatterReader.Read(text), StatementSplitter.Split(text));

    private static string Decode(byte[] content) => StrictUtf8.GetString(content).TrimStart('\uFEFF');

    private static readonly System.Text.UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
}
