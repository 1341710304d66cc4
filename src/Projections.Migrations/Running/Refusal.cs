namespace Projections.Migrations.Running;

/// <summary>Why nothing was run.</summary>
/// <param name="Id">A stable word for programs: <c>changed</c>, <c>missing</c>, <c>out-of-order</c>, <c>irreversible</c>, …</param>
/// <param name="Message">What is wrong with which migration, and what to do.</param>
public sealed record Refusal(string Id, string Message);
