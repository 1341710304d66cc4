using Npgsql;
using Projections.Definitions;
using Projections.Events;
using Projections.Postgres;
using Projections.Reactions;

namespace Projections.Catalog.Reactions;

/// <summary>A reaction's row in the catalog.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Id">What tells it from those of other databases.</param>
/// <param name="IsOn">Whether its events have messages.</param>
/// <param name="Since">From where on it was started last.</param>
/// <param name="Position">Up to where events have had their messages in any case, or have none.</param>
internal sealed record ReactionState(string Name, Guid Id, bool IsOn, EventPosition Since, EventPosition Position)
{
    /// <summary>The reactions of a projection that were ever started, by name.</summary>
    public static async Task<IReadOnlyList<ReactionState>> ReadAsync(NpgsqlConnection connection, ProjectionName projection, CancellationToken cancellationToken) =>
        await connection.QueryAsync(
            "select name, id, is_on, since_major, since_minor, position_major, position_minor from projections.reaction where projection = $1 order by name",
            row => new ReactionState(row.GetString(0), row.GetGuid(1), row.GetBoolean(2), row.GetPosition(3)!.Value, row.GetPosition(5)!.Value),
            cancellationToken,
            projection.Value);

    /// <summary>The reactions that are on, over the rows of a version. One that does not fit a version is left out, unless that is the live one: reads are not switched to
    /// such a version, so that nobody needs its messages.</summary>
    /// <exception cref="ReactionUnknown">One is on that this program does not have, or not for the live version: events would go by without it.</exception>
    public static async Task<IReadOnlyList<ActiveReaction>> ReadActiveAsync(
        NpgsqlConnection connection, ProjectionRegistry registry, ProjectionVersion version, VersionRole role, CancellationToken cancellationToken)
    {
        var active = new List<ActiveReaction>();
        foreach (var state in await ReadAsync(connection, version.Id.Projection, cancellationToken))
        {
            if (!state.IsOn)
            {
                continue;
            }

            if (registry.FindReaction(version.Id.Projection, state.Name) is not { } reaction)
            {
                throw new ReactionUnknown(version.Id, state.Name);
            }

            if (reaction.MisfitsOf(version).Count == 0)
            {
                active.Add(new ActiveReaction(reaction, state.Id, reaction.Over(version), state.Position, state.Since));
            }
            else if (role == VersionRole.Live)
            {
                throw new ReactionUnknown(version.Id, state.Name);
            }
        }

        return active;
    }
}

/// <summary>A reaction is on that this program does not have, so that events would go by without their messages.</summary>
internal sealed class ReactionUnknown(VersionId version, string reaction)
    : Exception($"the reaction '{reaction}' of '{version.Projection}' is on, and this program cannot react for it: start one of the release that has it ('projections run'), or end it with 'projections reactions {version.Projection} stop --reaction {reaction}'"),
        IPassingFault
{
    /// <inheritdoc/>
    public bool WillPass => true;
}
