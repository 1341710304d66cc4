namespace Projections.EventStoreDb.Errors;

/// <summary>A connection string that cannot be used; the message names the part, and shows no password.</summary>
public sealed class ConnectionStringInvalid(string part, string problem)
    : Exception($"The EventStoreDB connection string is wrong at '{part}': {problem}")
{
    /// <summary>The part that is wrong: <c>scheme</c>, <c>host</c>, <c>credentials</c>, or the name of a setting.</summary>
    public string Part { get; } = part;
}
