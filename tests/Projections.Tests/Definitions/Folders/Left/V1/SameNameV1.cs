namespace Projections.Tests.Definitions.Folders.Left.V1;

internal sealed class SameNameV1() : Plain("left", 1);
