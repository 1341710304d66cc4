using Projections.Commands;
using Projections.Definitions;

namespace Projections.Checks.Policies;

/// <summary>What a policy decided.</summary>
/// <param name="Version">The version that it is about.</param>
/// <param name="Reason">Why, for the audit trail.</param>
/// <param name="RunAsync">Does it by one of the operations, and says what was done.</param>
internal sealed record PolicyAction(VersionId Version, string Reason, Func<CommandContext, CancellationToken, Task<string>> RunAsync);
