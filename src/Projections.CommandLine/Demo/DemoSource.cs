namespace Projections.CommandLine.Demo;

/// <summary>Where the demo's events are.</summary>
internal enum DemoSource
{
    /// <summary>In Marten's tables beside the read models.</summary>
    Marten,

    /// <summary>In an EventStoreDB or KurrentDB that runs already.</summary>
    EventStoreDb,
}
