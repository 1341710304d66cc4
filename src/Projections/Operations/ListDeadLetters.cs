using Projections.Catalog;
using Projections.Definitions;

namespace Projections.Operations;

/// <summary>Reads a projection's dead letters.</summary>
internal sealed class ListDeadLetters(ProjectionSystem system)
{
    /// <summary>Reads them in the order of their positions.</summary>
    public async Task<IReadOnlyList<DeadLetter>> RunAsync(ProjectionName projection, int? version, int limit, CancellationToken cancellationToken)
    {
        await using var connection = await system.ReadModels.OpenConnectionAsync(cancellationToken);
        var snapshot = await system.Catalog.ReadAsync(projection, cancellationToken);
        var letters = new List<DeadLetter>();
        foreach (var candidate in snapshot?.Versions.Where(candidate => version is null || candidate.Id.Number == version) ?? [])
        {
            letters.AddRange(await DeadLetters.ReadAsync(connection, candidate.Id, null, limit, cancellationToken));
        }

        return letters;
    }
}
