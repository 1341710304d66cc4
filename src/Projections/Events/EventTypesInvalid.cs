namespace Projections.Events;

/// <summary>A set of event types that contradicts itself.</summary>
public sealed class EventTypesInvalid(IReadOnlyList<string> errors)
    : Exception($"The event types contradict each other:\n{string.Join('\n', errors.Select(error => $"  - {error}"))}")
{
    public IReadOnlyList<string> Errors { get; } = errors;
}
