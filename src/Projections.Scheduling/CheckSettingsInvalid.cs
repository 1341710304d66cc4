namespace Projections.Scheduling;

/// <summary>The section <c>Checks</c> of the configuration is not as it should be; the message lists all that is wrong.</summary>
public sealed class CheckSettingsInvalid(IReadOnlyList<string> errors)
    : Exception($"The section '{CheckSettings.Section}' of the configuration is wrong: {string.Join(" ", errors)}")
{
    public IReadOnlyList<string> Errors { get; } = errors;
}
