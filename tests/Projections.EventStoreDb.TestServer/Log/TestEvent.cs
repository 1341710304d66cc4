namespace Projections.EventStoreDb.TestServer.Log;

/// <summary>An event as a client gives it.</summary>
public sealed record TestEvent(string Type, byte[] Data)
{
    public Guid Id { get; init; } = Guid.NewGuid();

    public byte[] Metadata { get; init; } = [];

    public string ContentType { get; init; } = "application/json";

    public static TestEvent Json(string type, string json) => new(type, System.Text.Encoding.UTF8.GetBytes(json));
}
