namespace Projections.Hosting.Configuration;

/// <summary>The configuration is not as it should be; each error names a setting and says how to set it.</summary>
internal sealed class SettingsInvalid(IReadOnlyList<string> errors)
    : Exception($"The configuration has {errors.Count} {(errors.Count == 1 ? "error" : "errors")}:\n{string.Join('\n', errors.Select(error => $"  - {error}"))}")
{
    public IReadOnlyList<string> Errors { get; } = errors;
}
