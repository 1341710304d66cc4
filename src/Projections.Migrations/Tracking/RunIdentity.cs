namespace Projections.Migrations.Tracking;

/// <summary>Who runs the migrations, and by what leave, for the tracking rows.</summary>
/// <param name="AppliedBy">Who.</param>
/// <param name="SafetySkipped">Why unsafe migrations may run; <c>null</c> when none may.</param>
public sealed record RunIdentity(string AppliedBy, string? SafetySkipped = null);
