namespace Projections.Web.Security;

/// <summary>What a caller may do.</summary>
public enum CallerRole
{
    /// <summary>May look at everything.</summary>
    Reader,

    /// <summary>May look, and command.</summary>
    Operator,
}
