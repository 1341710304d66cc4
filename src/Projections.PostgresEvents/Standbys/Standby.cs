using System.Data;
using System.Globalization;
using Npgsql;
using NpgsqlTypes;
using Projections.Postgres;
using Projections.PostgresEvents.Reading;

namespace Projections.PostgresEvents.Standbys;

/// <summary>
/// A server that is read only once it has proved that it has what the primary had at a mark.
/// </summary>
/// <remarks>
/// The order is the proof. First it has replayed as far as the mark; then the snapshot is taken, which so has all of that; and after that it is seen that the
/// server is still a standby, of this cluster, and receives the timeline that the primary writes. A standby replays nothing but what leads to the timeline
/// that it receives, and does not receive one that left its own before the point which it has come to. So what it has replayed up to
/// the mark is what the primary wrote, and not what another one did that was promoted meanwhile. A server that was itself promoted holds the same history up to
/// there, but somebody may write to it: an event that a client put at a number drawn before would be folded, and is in no store that counts. That
/// is why it is not trusted, and why it is seen behind the snapshot and not before. Two servers that were promoted at the same point without a common
/// archive give their timelines the same number; nothing that a server shows tells those apart.
/// </remarks>
internal sealed class Standby(NpgsqlDataSource dataSource)
{
    private const string HasReplayed =
        """
        SELECT pg_is_in_recovery(), (SELECT system_identifier FROM pg_control_system()), coalesce(pg_last_wal_replay_lsn(), '0/0')
        """;

    private const string Receives =
        """
        SELECT pg_is_in_recovery(), pg_has_role('pg_read_all_stats', 'USAGE'), current_user::text, r.received_tli
        FROM (VALUES (1)) AS always
            LEFT JOIN pg_stat_wal_receiver AS r ON true
        """;

    /// <summary>What it is called in messages.</summary>
    public string Name { get; } = NameOf(new NpgsqlConnectionStringBuilder(dataSource.ConnectionString));

    /// <summary>Opens a connection whose snapshot has all that the primary had at the mark.</summary>
    /// <exception cref="StandbyAway">It has not, or cannot be reached.</exception>
    public async Task<ReadingSession> OpenAsync(PrimaryMark mark, CancellationToken cancellationToken)
    {
        ReadingSession? session = null;
        try
        {
            var connection = await dataSource.OpenConnectionAsync(cancellationToken);
            session = new ReadingSession(connection);
            await ProveReplayedAsync(connection, mark, cancellationToken);
            session.Snapshot = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
            await ProveDescentAsync(connection, mark, cancellationToken);
            var proved = session;
            session = null;
            return proved;
        }
        catch (Exception exception) when (StoreErrors.IsFromStore(exception))
        {
            throw new StandbyAway($"{Name} cannot be read: {exception.Cause}", exception);
        }
        finally
        {
            if (session is not null)
            {
                await session.DisposeAsync();
            }
        }
    }

    private async Task ProveReplayedAsync(NpgsqlConnection connection, PrimaryMark mark, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(HasReplayed, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        ThrowIfPromoted(reader.GetBoolean(0));
        if (reader.GetInt64(1) != mark.Cluster)
        {
            throw new StandbyAway(string.Create(
                CultureInfo.InvariantCulture,
                $"{Name} is of another cluster: its system identifier is {reader.GetInt64(1)}, that of the server with the events {mark.Cluster}. Name a standby of that one."));
        }

        var replayed = reader.GetFieldValue<NpgsqlLogSequenceNumber>(2);
        if (replayed < mark.Written)
        {
            throw new StandbyAway(string.Create(
                CultureInfo.InvariantCulture, $"{Name} has still to replay {((ulong)mark.Written - (ulong)replayed) / 1e6:0.###} MB of what the primary had written")) { IsBehind = true };
        }
    }

    private async Task ProveDescentAsync(NpgsqlConnection connection, PrimaryMark mark, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Receives, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        ThrowIfPromoted(reader.GetBoolean(0));
        if (!reader.GetBoolean(1))
        {
            var user = SqlName.Quote(reader.GetString(2));
            throw new StandbyAway($"the user {user} may not see what {Name} receives. Run on the primary: GRANT pg_read_all_stats TO {user};");
        }

        if (await reader.IsDBNullAsync(3, cancellationToken))
        {
            throw new StandbyAway($"{Name} receives nothing from its primary just now");
        }

        if (reader.GetInt32(3) != mark.Timeline)
        {
            throw new StandbyAway(string.Create(
                CultureInfo.InvariantCulture, $"{Name} receives timeline {reader.GetInt32(3)}, and the server with the events writes timeline {mark.Timeline}: one of them has been promoted"));
        }
    }

    private void ThrowIfPromoted(bool isInRecovery)
    {
        if (!isInRecovery)
        {
            throw new StandbyAway($"{Name} is no standby, or none any more: it takes writes. Name a standby of the server with the events.");
        }
    }

    private static string NameOf(NpgsqlConnectionStringBuilder connection) => connection.Host?.Contains(',', StringComparison.Ordinal) == true
        ? $"one of the standbys {connection.Host}"
        : string.Create(CultureInfo.InvariantCulture, $"the standby {connection.Host}:{connection.Port}");
}
