using Projections.Definitions;

namespace Projections.Commands;

/// <summary>What came of a command.</summary>
/// <param name="Version">The version that it concerned.</param>
/// <param name="Outcome">What was done, in a sentence for people.</param>
/// <param name="AlreadyDone">Whether there was nothing to do: the command had been carried out, or the state was reached.</param>
public sealed record OperationResult(VersionId Version, string Outcome, bool AlreadyDone = false) : ICommandResult;
