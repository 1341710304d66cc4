namespace Projections.Web;

/// <summary>A request names a projection or version that neither this program nor the catalog has.</summary>
internal sealed class ProjectionUnknown(string message) : Exception(message);
