using System.ComponentModel;

namespace Projections.Web.Requests;

/// <summary>The body of <c>switch</c>.</summary>
internal sealed record SwitchRequest : RollbackRequest
{
    [Description("The version that reads go to.")]
    public required int To { get; init; }
}
