using Npgsql;
using Projections.Catalog;
using Projections.Commands;
using Projections.Definitions;
using Projections.Postgres;

namespace Projections.Operations;

/// <summary>
/// Takes a version from the worker that holds it, so that another, or the same one anew, goes on from the checkpoint. The
/// epoch moves on, so whatever the old holder still has open cannot be committed.
/// </summary>
internal sealed class Restart(ProjectionSystem system)
{
    private const string Mark = "restarted";

    /// <exception cref="OperationRefused">There is no such version.</exception>
    public Task<OperationResult> RunAsync(VersionId version, Actor actor, CancellationToken cancellationToken) =>
        CatalogCommand.RunAsync(
            system,
            version.Projection,
            new CommandIdentity(null, "restart", ""),
            actor,
            async (connection, snapshot) =>
            {
                var chosen = await CatalogCommand.LockAsync(connection, version.Projection, snapshot, version.Number, "restart", _ => true, cancellationToken);
                if (!chosen.IsLeased && !chosen.Shards.Any(shard => shard.IsLeased))
                {
                    return new OperationResult(chosen.Id, $"No worker holds {chosen.Id}; the next that is free takes it.", AlreadyDone: true);
                }

                await EndLeasesAsync(connection, chosen, cancellationToken);
                await Shards.EndLeasesAsync(connection, chosen.Id, cancellationToken);
                var audit = actor with { Why = actor.Why is { } why ? $"{Mark}: {why}" : Mark };
                await VersionLife.RecordAsync(connection, chosen.Id, chosen.State, chosen.State, audit, cancellationToken);
                return new OperationResult(chosen.Id, $"{chosen.Id} was taken from {(chosen.IsLeased ? $"worker {chosen.LeaseHolder}" : "its workers")} and goes on from its checkpoint.");
            },
            cancellationToken);

    /// <summary>When a version was last restarted.</summary>
    internal static async Task<DateTime?> ReadLastAsync(NpgsqlConnection connection, VersionId version, CancellationToken cancellationToken)
    {
        var found = await connection.QueryAsync(
            """
            select max(at) from projections.transition
            where projection = $1 and number = $2 and from_state = to_state and starts_with(why, $3)
            """,
            row => row.GetNullableValue<DateTime>(0),
            cancellationToken,
            version.Projection.Value,
            version.Number,
            Mark);
        return found[0];
    }

    /// <summary>Who takes a lockstep over takes all of its versions; so they are let go together. The holder's name stays, by which
    /// the next one ends its sessions.</summary>
    private static Task<int> EndLeasesAsync(NpgsqlConnection connection, VersionSnapshot version, CancellationToken cancellationToken) =>
        connection.ExecuteAsync(
            """
            update projections.version
            set lease_until = clock_timestamp() - interval '1 millisecond', lease_epoch = lease_epoch + 1
            where projection = $1 and (number = $2 or ($3 and phase = 'following')) and lease_until is not null
            """,
            cancellationToken,
            version.Id.Projection.Value,
            version.Id.Number,
            version.Lockstep);
}
