using Npgsql;
using NpgsqlTypes;

namespace Projections.PostgresEvents.Standbys;

/// <summary>
/// How far the primary server had written when it was asked. Whoever commits writes that to the log before anybody sees it, so all that could be seen there
/// before is in the log up to here: every event at or below a head that was proved, and every number that was found where it had been missed.
/// </summary>
/// <param name="Cluster">Which cluster it is (<c>system_identifier</c>).</param>
/// <param name="Timeline">The timeline that it writes.</param>
/// <param name="Written">The end of what is written; flushed or not, as what was committed asynchronously is seen before it is flushed.</param>
internal sealed record PrimaryMark(long Cluster, int Timeline, NpgsqlLogSequenceNumber Written)
{
    // The transaction id has this statement end with a commit in the log, behind the mark. It has the log flushed up to there, and so sent, on a server where
    // nobody else commits; and a standby comes past the mark although that may lie behind the header of a page on which nothing is written yet.
    private const string Note =
        """
        SELECT (SELECT system_identifier FROM pg_control_system()), ('x' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8))::bit(32)::int,
            pg_current_wal_insert_lsn(), pg_current_xact_id()::text
        """;

    public static async Task<PrimaryMark> NoteAsync(NpgsqlDataSource primary, CancellationToken cancellationToken)
    {
        await using var command = primary.CreateCommand(Note);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return new PrimaryMark(reader.GetInt64(0), reader.GetInt32(1), reader.GetFieldValue<NpgsqlLogSequenceNumber>(2));
    }
}
