namespace Projections.Migrations.Files;

/// <summary>A finding that the author of a file has looked at and accepts, with the reason.</summary>
/// <param name="RuleId">The finding's stable id, such as <c>drop-column</c>.</param>
/// <param name="Reason">Why it is safe here; never empty.</param>
/// <param name="Line">Where it stands in the file.</param>
public sealed record SafetyAllowance(string RuleId, string Reason, int Line);
