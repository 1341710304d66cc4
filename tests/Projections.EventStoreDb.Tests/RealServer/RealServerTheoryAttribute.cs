namespace Projections.EventStoreDb.Tests.RealServer;

/// <summary>A <c>[Theory]</c> that needs a real EventStoreDB or KurrentDB; skipped, with the reason, where none is named.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RealServerTheoryAttribute : TheoryAttribute
{
    public const string Variable = "EVENTSTORE_CONNECTION_STRING";

    /// <summary>The server's connection string, or <c>null</c>.</summary>
    public static string? ConnectionString => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named ? named : null;

    public override string? Skip
    {
        get => base.Skip ?? (ConnectionString is null ? $"There is no server: set {Variable}, for example to 'esdb://localhost:2113?tls=false' with the server of docker-compose.yml." : null);
        set => base.Skip = value;
    }
}
