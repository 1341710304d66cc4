using Projections.Definitions;

namespace Projections.Commands;

/// <summary>What came of a command.</summary>
/// <param name="Version">The version that it concerned.</param>
/// <param name="Outcome">What was done, in a sentence for people.</param>
/// <param name="AlreadyDone">Whether there was nothing to do: the command had been carried out, or the state was reached.</param>
public sealed record OperationResult(VersionId Version, string Outcome, bool AlreadyDone = false) : ICommandResult
{
    /// <summary>What came of it for the other projections that the command was about, each by itself.</summary>
    public IReadOnlyList<OperationResult> With { get; init; } = [];

    /// <summary>What came of a command about several projections, the command's own first.</summary>
    internal static OperationResult Of(IReadOnlyList<OperationResult> results) => results is [var only]
        ? only
        : results[0] with
        {
            Outcome = string.Join(" ", results.Select(result => result.Outcome)),
            AlreadyDone = results.All(result => result.AlreadyDone),
            With = [.. results.Skip(1)],
        };
}
