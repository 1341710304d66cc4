namespace Projections.Migrations.Running;

/// <summary>The version of this library, as the tracking table keeps it.</summary>
internal static class ToolVersion
{
    public static string Current { get; } = typeof(ToolVersion).Assembly.GetName().Version?.ToString(3) ?? "unknown";
}
