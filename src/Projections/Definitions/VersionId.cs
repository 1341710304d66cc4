using System.Globalization;

namespace Projections.Definitions;

/// <summary>One numbered version of a projection, the unit that is built, followed, switched to and retired.</summary>
/// <param name="Projection">The projection.</param>
/// <param name="Number">The version's number, counted from 1 without gaps.</param>
public readonly record struct VersionId(ProjectionName Projection, int Number)
{
    /// <summary>The name of the version's table: <c>invoice_summary_v2</c>.</summary>
    public string Table => string.Create(CultureInfo.InvariantCulture, $"{Projection.Value}_v{Number}");

    /// <summary>The version in one word: <c>invoice_summary=2</c>.</summary>
    internal string InOneWord => string.Create(CultureInfo.InvariantCulture, $"{Projection.Value}={Number}");

    /// <summary>Reads what names a version in one word: <c>invoice_summary=2</c>.</summary>
    internal static bool TryParse(string? text, out VersionId version)
    {
        var parts = (text ?? "").Split('=');
        version = parts is [var name, var number] && ProjectionName.IsValid(name) && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value > 0
            ? new VersionId(new ProjectionName(name), value)
            : default;
        return version.Number > 0;
    }

    /// <summary>What people are shown: <c>invoice_summary v2</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Projection.Value} v{Number}");
}
