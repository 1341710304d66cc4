namespace Projections.Migrations.Files;

/// <summary>A line of a file's front matter cannot be understood.</summary>
public sealed class FrontMatterInvalid(int line, string message) : Exception(message)
{
    public int Line { get; } = line;
}
