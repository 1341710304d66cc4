namespace Projections.EventStoreDb.Testing;

/// <summary>What a test runs against.</summary>
public enum StoreKind
{
    /// <summary>The test server, in this process and with a log of its own, with the ways of 21.10.</summary>
    TestServer21,

    /// <summary>The same with those of 23.10.</summary>
    TestServer23,

    /// <summary>The same with those of 24.10.</summary>
    TestServer24,

    /// <summary>The same with those of 25.1.</summary>
    TestServer25,

    /// <summary>The server that the environment names, with whatever else is in it.</summary>
    RealServer,
}
