using System.Globalization;

namespace Projections.Definitions;

/// <summary>One numbered version of a projection, the unit that is built, followed, switched to and retired.</summary>
/// <param name="Projection">The projection.</param>
/// <param name="Number">The version's number, counted from 1 without gaps.</param>
public readonly record struct VersionId(ProjectionName Projection, int Number)
{
    /// <summary>The name of the version's table: <c>invoice_summary_v2</c>.</summary>
    public string Table => string.Create(CultureInfo.InvariantCulture, $"{Projection.Value}_v{Number}");

    /// <summary>What people are shown: <c>invoice_summary v2</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Projection.Value} v{Number}");
}
