using System.ComponentModel;

namespace Projections.Web.Requests;

/// <summary>The body of <c>adopt</c>.</summary>
internal sealed record AdoptRequest(
    [property: Description("The position up to which the rows are complete; left out for a table that another program maintains.")] string? At = null,
    [property: Description("The reason, kept in the history.")] string? Why = null);
