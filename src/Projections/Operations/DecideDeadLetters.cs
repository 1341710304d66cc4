using System.Globalization;
using Projections.Catalog;
using Projections.Commands;
using Projections.Definitions;
using Projections.Events;

namespace Projections.Operations;

/// <summary>Lists a projection's dead letters, asks for a retry, or discards them.</summary>
public sealed class DecideDeadLetters(ProjectionSystem system)
{
    /// <summary>Reads dead letters in the order of their positions.</summary>
    public async Task<IReadOnlyList<DeadLetter>> ListAsync(
        ProjectionName projection, int? version, int limit, CancellationToken cancellationToken)
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

    /// <summary>Has waiting dead letters folded once more, by whoever follows the version, at the version's present state.</summary>
    public Task<OperationResult> RetryAsync(
        ProjectionName projection, int? version, EventPosition? position, CommandContext context, CancellationToken cancellationToken) =>
        DecideAsync(projection, version, position, DeadLetterStatus.Retry, "will be retried", context, cancellationToken);

    /// <summary>Decides that waiting dead letters do not count. They stay listed.</summary>
    public Task<OperationResult> DiscardAsync(
        ProjectionName projection, int? version, EventPosition? position, CommandContext context, CancellationToken cancellationToken) =>
        DecideAsync(projection, version, position, DeadLetterStatus.Discarded, "discarded", context, cancellationToken);

    private Task<OperationResult> DecideAsync(
        ProjectionName projection, int? version, EventPosition? position, DeadLetterStatus decision, string done, CommandContext context, CancellationToken cancellationToken) =>
        CatalogCommand.RunAsync(
            system,
            projection,
            context.IdentityOf("dead-letters", $"{decision} {version} {position}"),
            context,
            async (connection, snapshot) =>
            {
                var chosen = CatalogCommand.Choose(
                    projection, snapshot, version ?? snapshot?.LiveVersion, "decide on the dead letters of", candidate => candidate.State != VersionState.Retired);
                var count = await DeadLetters.DecideAsync(connection, chosen.Id, position, decision, context.Actor, cancellationToken);
                return new OperationResult(
                    chosen.Id,
                    string.Create(CultureInfo.InvariantCulture, $"{count} dead letter{(count == 1 ? "" : "s")} of {chosen.Id} {done}."),
                    AlreadyDone: count == 0);
            },
            cancellationToken);
}
