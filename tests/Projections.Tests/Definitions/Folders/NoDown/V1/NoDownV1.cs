namespace Projections.Tests.Definitions.Folders.NoDown.V1;

internal sealed class NoDownV1() : Plain("nodown", 1);
