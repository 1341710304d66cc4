namespace Projections.Tests.Definitions.Folders.Complete.V1;

internal sealed class CompleteV1() : Plain("complete", 1);
