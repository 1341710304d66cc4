namespace Projections.Hosting.Configuration;

/// <summary>The event stores that can be read.</summary>
internal enum EventStoreKind
{
    /// <summary>Marten's <c>mt_events</c>.</summary>
    Marten,

    /// <summary>Emmett's <c>emt_messages</c>.</summary>
    Emmett,

    /// <summary>message-db's <c>messages</c>.</summary>
    MessageDb,

    /// <summary>EventStoreDB or KurrentDB, over gRPC.</summary>
    EventStoreDb,
}
