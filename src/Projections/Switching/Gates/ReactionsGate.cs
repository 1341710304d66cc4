using Npgsql;
using Projections.Catalog.Reactions;
using Projections.Definitions;

namespace Projections.Switching.Gates;

/// <summary>The version's rows have the columns, and it handles the events, that the reactions need which are on.</summary>
internal sealed class ReactionsGate : ISwitchGate
{
    private const string Name = "reactions-fit";

    public string Id => Name;

    public Task<GateFailure?> CheckAsync(SwitchCandidate candidate, CancellationToken cancellationToken) => candidate.IsOurs
        ? FindAsync(candidate.Connection, candidate.System, candidate.Version.Id, cancellationToken)
        : Task.FromResult<GateFailure?>(null);

    /// <returns><c>null</c> when all that are on fit the version.</returns>
    public static async Task<GateFailure?> FindAsync(NpgsqlConnection connection, ProjectionSystem system, VersionId version, CancellationToken cancellationToken)
    {
        var misfits = new List<string>();
        foreach (var state in (await ReactionState.ReadAsync(connection, version.Projection, cancellationToken)).Where(state => state.IsOn))
        {
            misfits.AddRange((system.Registry.FindReaction(version.Projection, state.Name), system.Registry.Find(version)) switch
            {
                (null, _) => [$"The reaction '{state.Name}' is on, and this program does not have it."],
                // Another gate says so.
                (_, null) => [],
                var (reaction, definition) => reaction.MisfitsOf(definition).Select(misfit => $"The reaction '{state.Name}' is on: {misfit}"),
            });
        }

        return misfits.Count == 0
            ? null
            : new GateFailure(
                Name,
                string.Join(" ", misfits),
                $"Give the version what the reaction needs, or change the reaction; or end it with 'projections reactions {version.Projection} stop'.");
    }
}
