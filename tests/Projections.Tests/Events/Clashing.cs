namespace Projections.Tests.Events;

internal sealed record Clashing : EventTypesOfAssemblyTests.IClashing;
