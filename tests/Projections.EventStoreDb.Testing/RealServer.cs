namespace Projections.EventStoreDb.Testing;

/// <summary>The EventStoreDB or KurrentDB that tests may use. It may hold other data, and keeps what tests append.</summary>
public static class RealServer
{
    public const string Variable = "EVENTSTORE_CONNECTION_STRING";

    /// <summary>The server's connection string, or <c>null</c>.</summary>
    public static string? ConnectionString => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named ? named : null;

    /// <summary>Why there is no server, or <c>null</c> when there is one.</summary>
    public static string? SkipReason => ConnectionString is null
        ? $"There is no server: set {Variable}, for example to 'esdb://localhost:2113?tls=false' with the server of docker-compose.yml."
        : null;
}
