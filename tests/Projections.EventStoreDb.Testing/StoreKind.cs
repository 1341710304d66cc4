namespace Projections.EventStoreDb.Testing;

/// <summary>What a test runs against.</summary>
public enum StoreKind
{
    /// <summary>The test server, in this process and with a log of its own.</summary>
    TestServer,

    /// <summary>The server that the environment names, with whatever else is in it.</summary>
    RealServer,
}
