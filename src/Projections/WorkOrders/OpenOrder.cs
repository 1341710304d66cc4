using System.Globalization;
using Projections.Definitions;

namespace Projections.WorkOrders;

/// <summary>An order that nobody works on.</summary>
/// <param name="Number">Its number.</param>
/// <param name="Version">The version that it is about.</param>
internal sealed record OpenOrder(int Number, VersionId Version)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"work order {Number} of {Version}");
}
