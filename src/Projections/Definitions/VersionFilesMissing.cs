namespace Projections.Definitions;

/// <summary>A version's folder cannot be used: it was not embedded, or a file is not in it.</summary>
public sealed class VersionFilesMissing(IReadOnlyList<string> problems) : Exception(string.Join(" ", problems))
{
    public IReadOnlyList<string> Problems { get; } = problems;
}
