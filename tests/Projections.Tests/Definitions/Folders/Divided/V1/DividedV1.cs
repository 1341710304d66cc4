namespace Projections.Tests.Definitions.Folders.Divided.V1;

internal sealed class DividedV1() : Plain("divided", 1);
