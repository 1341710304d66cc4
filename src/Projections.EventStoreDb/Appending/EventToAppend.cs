namespace Projections.EventStoreDb;

/// <summary>An event that is to be appended.</summary>
/// <param name="Type">The event type's name.</param>
/// <param name="Data">The body, JSON in UTF-8 unless <see cref="ContentType"/> says otherwise.</param>
public sealed record EventToAppend(string Type, ReadOnlyMemory<byte> Data)
{
    /// <summary>The event's id: an append that is repeated with the same ids writes nothing twice.</summary>
    public Guid Id { get; init; } = Guid.NewGuid();

    /// <summary>Headers, a JSON object in UTF-8, with <c>$correlationId</c> and <c>$causationId</c> as the store knows them. Default none.</summary>
    public ReadOnlyMemory<byte> Metadata { get; init; }

    /// <summary>Default <c>application/json</c>.</summary>
    public string ContentType { get; init; } = "application/json";
}
