using Projections.Definitions;

namespace Projections.WorkOrders;

/// <summary>Work that nothing is left open of.</summary>
/// <param name="Work">The work.</param>
/// <param name="Version">The version that it is about; only a worker that has it in its program can do it.</param>
/// <param name="Promise">What will be done, in a sentence.</param>
internal sealed record SettledWork(Work Work, VersionId Version, string Promise);
