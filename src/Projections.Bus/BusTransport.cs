namespace Projections.Bus;

/// <summary>What carries the messages.</summary>
public enum BusTransport
{
    /// <summary>The process itself; for one process, and for tests.</summary>
    InMemory,

    /// <summary>A RabbitMQ broker.</summary>
    RabbitMq,
}
