namespace Projections.Bus;

/// <summary>The section <c>Bus</c> of the configuration is not as it should be; the message lists all that is wrong.</summary>
public sealed class BusOptionsInvalid(IReadOnlyList<string> errors)
    : Exception($"The section '{BusOptions.Section}' of the configuration is wrong: {string.Join(" ", errors)}")
{
    public IReadOnlyList<string> Errors { get; } = errors;
}
