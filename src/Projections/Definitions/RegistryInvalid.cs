namespace Projections.Definitions;

/// <summary>The declared projections cannot be run as they are; each error names its version and says what to change.</summary>
public sealed class RegistryInvalid(IReadOnlyList<string> errors)
    : Exception($"{errors.Count} {(errors.Count == 1 ? "error" : "errors")} in the declared projections:\n{string.Join('\n', errors.Select(error => $"  - {error}"))}")
{
    public IReadOnlyList<string> Errors { get; } = errors;
}
