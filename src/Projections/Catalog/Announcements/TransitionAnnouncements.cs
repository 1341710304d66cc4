using Npgsql;
using Projections.Definitions;
using Projections.Postgres;

namespace Projections.Catalog.Announcements;

/// <summary>Which changes of state are announced. Failures and switches are announced where they are made, for they have more to say.</summary>
internal static class TransitionAnnouncements
{
    public static async Task AddAsync(
        NpgsqlConnection connection, VersionId version, VersionState? from, VersionState to, Actor actor, CancellationToken cancellationToken)
    {
        if (from == to)
        {
            return;
        }

        switch (to)
        {
            case VersionState.Building when from == VersionState.Planned:
                await Outbox.AddAsync(connection, AnnouncementKind.RebuildStarted, version, actor, new AnnouncementDetails(), cancellationToken);
                break;
            case VersionState.Ready:
                var details = new AnnouncementDetails { Position = await PositionAsync(connection, version, cancellationToken) };
                await Outbox.AddAsync(connection, AnnouncementKind.CaughtUp, version, actor, details, cancellationToken);
                break;
            case VersionState.Retired:
                await Outbox.AddAsync(connection, AnnouncementKind.Retired, version, actor, new AnnouncementDetails { State = from?.Text() }, cancellationToken);
                break;
        }
    }

    private static async Task<string?> PositionAsync(NpgsqlConnection connection, VersionId version, CancellationToken cancellationToken)
    {
        var positions = await connection.QueryAsync(
            "select position_major, position_minor from projections.version where projection = $1 and number = $2",
            row => row.GetPosition(0),
            cancellationToken,
            version.Projection.Value,
            version.Number);
        return positions.SingleOrDefault()?.ToString();
    }
}
