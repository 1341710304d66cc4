namespace Projections.Definitions;

/// <summary>Something that is wrong with a declaration.</summary>
/// <param name="Version">The version, or <c>null</c> where its class could not be made, so that nobody knows which it is.</param>
/// <param name="Text">What is wrong and what to change, with the version or the class named first.</param>
public sealed record DeclarationError(VersionId? Version, string Text)
{
    internal static DeclarationError Of(VersionId version, string problem) => new(version, $"{version}: {problem}");

    public override string ToString() => Text;
}
