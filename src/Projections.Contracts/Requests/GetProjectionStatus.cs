namespace Projections.Contracts;

/// <summary>Asks how a projection is. Answered with <see cref="ProjectionStatus" /> or <see cref="ProjectionUnknown" />.</summary>
public sealed class GetProjectionStatus
{
    /// <summary>The projection: <c>invoice_summary</c>.</summary>
    public string Projection { get; set; } = "";
}
