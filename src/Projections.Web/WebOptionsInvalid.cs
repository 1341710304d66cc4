namespace Projections.Web;

/// <summary>The settings of the door over HTTP are not as they should be; the message lists all that is wrong.</summary>
public sealed class WebOptionsInvalid(IReadOnlyList<string> errors) : Exception($"The section 'Http' of the configuration is wrong: {string.Join(" ", errors)}")
{
    public IReadOnlyList<string> Errors { get; } = errors;
}
