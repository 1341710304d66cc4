namespace Projections.Migrations;

/// <summary>The files and the database do not fit together as they must; nothing was run. All reasons are named at once.</summary>
public sealed class MigrationRefused(IReadOnlyList<Refusal> refusals) : Exception(
    $"Refused; nothing was run.{Environment.NewLine}{string.Join(Environment.NewLine, refusals.Select(refusal => refusal.Message))}")
{
    public IReadOnlyList<Refusal> Refusals { get; } = refusals;
}

/// <summary>Why nothing was run.</summary>
/// <param name="Id">A stable word for programs: <c>changed</c>, <c>missing</c>, <c>out-of-order</c>, <c>irreversible</c>, …</param>
/// <param name="Message">What is wrong with which migration, and what to do.</param>
public sealed record Refusal(string Id, string Message);
