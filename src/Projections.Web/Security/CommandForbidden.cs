namespace Projections.Web.Security;

/// <summary>A command is about more than the projection in its path, and who gives it may not give it there.</summary>
internal sealed class CommandForbidden(string? caller, string verb, string projection) : Exception($"'{caller}' may not {verb} '{projection}'.")
{
    public string? Caller => caller;

    public string Verb => verb;

    public string Projection => projection;
}
