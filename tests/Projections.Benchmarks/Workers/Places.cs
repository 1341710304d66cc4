namespace Projections.Benchmarks.Workers;

/// <summary>Where a program reads and writes, as connection strings.</summary>
/// <param name="Events">The store.</param>
/// <param name="ReadModels">Where its tables are.</param>
/// <param name="Replay">A standby of the store, from which history is read; <c>null</c> for the store itself.</param>
internal sealed record Places(string Events, string ReadModels, string? Replay = null);
