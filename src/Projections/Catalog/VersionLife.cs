using Npgsql;
using Projections.Catalog.Announcements;
using Projections.Definitions;
using Projections.Events;
using Projections.Postgres;

namespace Projections.Catalog;

/// <summary>
/// The one place where a version's phase and role change. Each change is made of what was read under the lock of the version's row
/// (<see cref="ProjectionCatalog.LockAsync(NpgsqlConnection, VersionId, CancellationToken)"/>), compares what it replaces, and leaves a line in the audit trail where people
/// see another state, or a reason was given.
/// </summary>
internal static class VersionLife
{
    /// <summary>Moves a version to another phase. What it was doing, its failure and its troubles are over with the phase they belong to.</summary>
    /// <exception cref="InvalidOperationException">That phase does not follow the version's present one.</exception>
    public static async Task MoveAsync(NpgsqlConnection connection, VersionSnapshot locked, VersionPhase to, Actor actor, CancellationToken cancellationToken)
    {
        if (to == VersionPhase.Failed)
        {
            throw new ArgumentException("A failure has a reason.", nameof(to));
        }

        await ChangeAsync(connection, locked, to, to == VersionPhase.Retired ? VersionRole.Candidate : locked.Role, null, null, actor, cancellationToken);
    }

    /// <summary>Stops a version with a reason; its rows and checkpoint stay as they are.</summary>
    public static async Task FailAsync(
        NpgsqlConnection connection, VersionSnapshot locked, string reason, EventPosition? position, Actor actor, CancellationToken cancellationToken)
    {
        await ChangeAsync(connection, locked, VersionPhase.Failed, locked.Role, reason, position, actor with { Why = reason }, cancellationToken);
        var details = new AnnouncementDetails { State = locked.State.Text(), Error = reason, Position = position?.ToString() };
        await Outbox.AddAsync(connection, AnnouncementKind.Failed, locked.Id, actor, details, cancellationToken);
    }

    /// <summary>Makes a version the one that readers see; who was that before stands by.</summary>
    public static async Task ShowAsync(
        NpgsqlConnection connection, VersionSnapshot? lockedLive, VersionSnapshot lockedTarget, Actor actor, CancellationToken cancellationToken)
    {
        if (lockedLive is not null)
        {
            await ChangeAsync(connection, lockedLive, lockedLive.Phase, VersionRole.Standby, lockedLive.Failure, lockedLive.FailurePosition, actor, cancellationToken);
        }

        await ChangeAsync(connection, lockedTarget, lockedTarget.Phase, VersionRole.Live, lockedTarget.Failure, lockedTarget.FailurePosition, actor, cancellationToken);
    }

    /// <summary>Writes the audit trail's line for something that the caller does in the same transaction, and announces a change of state.</summary>
    public static async Task RecordAsync(
        NpgsqlConnection connection, VersionId version, VersionState? from, VersionState to, Actor actor, CancellationToken cancellationToken)
    {
        await connection.ExecuteAsync(
            """
            insert into projections.transition (projection, number, from_state, to_state, position_major, position_minor, who, why)
            select projection, number, $3, $4, position_major, position_minor, $5, $6
            from projections.version where projection = $1 and number = $2
            """,
            cancellationToken,
            version.Projection.Value,
            version.Number,
            from?.Text(),
            to.Text(),
            actor.Who,
            actor.Why);
        await TransitionAnnouncements.AddAsync(connection, version, from, to, actor, cancellationToken);
    }

    private static async Task ChangeAsync(
        NpgsqlConnection connection, VersionSnapshot locked, VersionPhase phase, VersionRole role, string? failure, EventPosition? failedAt, Actor actor, CancellationToken cancellationToken)
    {
        if (phase != locked.Phase && !locked.Phase.CanBecome(phase))
        {
            throw new InvalidOperationException($"{locked.Id} is {locked.Phase.Text()} and cannot become {phase.Text()}.");
        }

        var state = await connection.ScalarAsync<string>(
            """
            update projections.version
            set phase = $5, role = $6, failure = $7, failure_major = $8, failure_minor = $9,
                activity = case when phase = $5 then activity end,
                trouble = case when phase = $5 then trouble end, trouble_since = case when phase = $5 then trouble_since end
            where projection = $1 and number = $2 and phase = $3 and role = $4
            returning state
            """,
            cancellationToken,
            locked.Id.Projection.Value, locked.Id.Number, locked.Phase.Text(), locked.Role.Text(),
            phase.Text(), role.Text(), failure, failedAt?.Major, failedAt?.Minor)
            ?? throw new InvalidOperationException($"{locked.Id} is not {locked.Phase.Text()} and {locked.Role.Text()} any more, though its row was locked.");
        var to = VersionStates.Parse(state);
        if (to != locked.State || actor.Why is not null)
        {
            await RecordAsync(connection, locked.Id, locked.State, to, actor, cancellationToken);
        }
    }
}
