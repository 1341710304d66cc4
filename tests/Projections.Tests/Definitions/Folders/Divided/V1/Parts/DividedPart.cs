namespace Projections.Tests.Definitions.Folders.Divided.V1.Parts;

/// <summary>Code of a version in a subfolder of its folder.</summary>
internal static class DividedPart;
