
namespace Projections.Tables;

/// <summary>What a handler declared about the row that it is for: made, changed or deleted, and what if there is one or none.</summary>
internal sealed record RowRule(RowChange Change, WhenMissing WhenMissing = WhenMissing.Fail, WhenPresent WhenPresent = WhenPresent.Fail);
