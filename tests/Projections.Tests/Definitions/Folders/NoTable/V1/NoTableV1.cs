namespace Projections.Tests.Definitions.Folders.NoTable.V1;

internal sealed class NoTableV1() : Plain("notable", 1);
