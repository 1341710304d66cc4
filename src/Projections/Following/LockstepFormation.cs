using Microsoft.Extensions.Logging;
using Npgsql;
using Projections.Catalog;
using Projections.Catalog.Reactions;
using Projections.Definitions;
using Projections.Postgres;
using Projections.Replay;
using Projections.Tables;

namespace Projections.Following;

/// <summary>How a worker comes to lead a lockstep.</summary>
internal static class LockstepFormation
{
    /// <summary>
    /// Takes the leases of all versions that are in the lockstep or, when there is none yet, begins one with a version that
    /// waits to join.
    /// </summary>
    /// <remarks>A version that this code does not know drops out, so that a deployment that was taken back does not stop the
    /// others; unless it is the live one, which only newer code can follow. One that is not what its table was built with fails, and leaves
    /// the others alone.</remarks>
    /// <returns><c>null</c> when there is nothing to follow, or somebody else does.</returns>
    /// <exception cref="UnknownToFollower">This code does not know the live version.</exception>
    /// <exception cref="ReactionUnknown">This code does not know a reaction that is on.</exception>
    public static async Task<LockstepMembers?> TryFormAsync(
        ProjectionSystem system, LeaseKeeper keeper, ProjectionName projection, CancellationToken cancellationToken)
    {
        await using var connection = await system.ReadModels.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await ProjectionCatalog.LockAsync(connection, projection, cancellationToken) is not { } snapshot)
        {
            return null;
        }

        var joined = snapshot.Versions.Where(version => version.Lockstep).ToList();
        var chosen = joined.Count > 0 ? joined : [.. First(snapshot)];
        if (chosen.Count == 0 || chosen.Exists(version => version.IsLeased))
        {
            return null;
        }

        var known = chosen.Where(version => system.Registry.Find(version.Id) is not null).ToList();
        if (chosen.Except(known).FirstOrDefault(version => known.Count == 0 || version.Role == VersionRole.Live) is { } foreign)
        {
            throw new UnknownToFollower(foreign.Id);
        }

        if (await keeper.TryTakeAsync(connection, chosen, cancellationToken) is not { } leases)
        {
            return null;
        }

        if (joined.Count == 0)
        {
            await LockstepEntry.EnterAsync(connection, leases[0].Taken, new Actor(system.Name), cancellationToken);
        }

        var followed = new List<Lease>();
        var captures = new Dictionary<VersionId, FoldCaptures>();
        foreach (var lease in leases)
        {
            var definition = system.Registry.Find(lease.Version);
            if ((definition is null ? DropOut.Unknown : DropOut.OfEdit(definition, lease.Taken) ?? await OfUnfinishedAsync(system, connection, lease, cancellationToken)) is { } leaving)
            {
                await LockstepEntry.LetGoAsync(connection, lease, leaving, new Actor(system.Name), cancellationToken);
                continue;
            }

            await ManifestCheck.RenewAsync(connection, definition!, lease.Taken, cancellationToken);
            captures.Add(lease.Version, await FoldCaptures.OpenAsync(connection, system, definition!, lease.Taken.Role, inLockstep: true, cancellationToken));
            followed.Add(lease);
        }

        await transaction.CommitAsync(cancellationToken);
        await keeper.KeepAsync(followed, chosen, cancellationToken);
        if (followed.Count == 0)
        {
            return null;
        }

        try
        {
            var members = followed.Select(lease => new LockstepMember(system, lease, captures[lease.Version])).ToList();
            return new LockstepMembers(system.Loggers.CreateLogger<Lockstep>(), members) { Position = members[0].Fold.Through };
        }
        catch
        {
            // Nobody would give them back.
            foreach (var lease in followed)
            {
                await lease.DisposeAsync();
            }

            throw;
        }
    }

    /// <exception cref="TimeoutException">What was committed to the live version's table is not finished on every server; it is tried again.</exception>
    private static async Task<DropOut?> OfUnfinishedAsync(ProjectionSystem system, NpgsqlConnection connection, Lease lease, CancellationToken cancellationToken) =>
        await UnfinishedCommits.FindAsync(connection, SqlName.Quote(system.Options.Schema, lease.Version.Table), system.Time, cancellationToken) is not { } unfinished ? null
        : lease.Taken.Role == VersionRole.Live ? throw new TimeoutException(unfinished)
        : new DropOut(unfinished, null, Fails: false);

    private static IEnumerable<VersionSnapshot> First(ProjectionSnapshot projection) =>
        projection.Versions
            .Where(version => version is { Phase: VersionPhase.Offered, IsLeased: false })
            .OrderByDescending(version => version.Role == VersionRole.Live)
            .ThenBy(version => version.Id.Number)
            .Take(1);
}

/// <summary>What is to be followed is not known to this program.</summary>
internal sealed class UnknownToFollower(VersionId version)
    : Exception($"no worker follows it that has a handler for {version}: start one of the release that has it ('projections run')");
