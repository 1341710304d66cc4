namespace Projections.PostgresEvents.Tests.Vendors;

/// <summary>The packages are installed once for all tests that use them.</summary>
[CollectionDefinition(nameof(NpmPackages))]
public sealed class NpmCollection : ICollectionFixture<NpmPackages>;
