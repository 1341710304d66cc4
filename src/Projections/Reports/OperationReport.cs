using System.Text.Json.Serialization;
using Projections.Commands;
using Projections.Definitions;

namespace Projections.Reports;

/// <summary>What came of a command that is done in one step, as every door tells it.</summary>
/// <param name="Projection">The projection.</param>
/// <param name="Version">The version that it concerned.</param>
/// <param name="Outcome">What was done, in a sentence for people.</param>
/// <param name="AlreadyDone">Whether there was nothing to do.</param>
internal sealed record OperationReport(ProjectionName Projection, int Version, string Outcome, bool AlreadyDone)
{
    /// <summary>The same of the other projections that the command was about; left out where there are none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<OperationReport>? With { get; init; }

    public static OperationReport Of(OperationResult result) =>
        new(result.Version.Projection, result.Version.Number, result.Outcome, result.AlreadyDone) { With = result.With.Count == 0 ? null : [.. result.With.Select(Of)] };
}
