namespace Projections.Tests.Definitions.Folders.Right.V1;

internal sealed class SameNameV1() : Plain("right", 1);
