using Npgsql;

namespace Projections.Migrations.Safety.Observing;

/// <summary>What a session holds and has done in its transaction, at one moment.</summary>
internal sealed record SessionState(IReadOnlyDictionary<uint, LockMode> Locks, IReadOnlyDictionary<uint, TableActivity> Activity)
{
    public static async Task<SessionState> ReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        new(await ReadLocksAsync(connection, connection.ProcessID, cancellationToken), await ReadActivityAsync(connection, cancellationToken));

    /// <param name="connection">Whom to ask; it may be another session.</param>
    /// <param name="pid">The session.</param>
    /// <param name="cancellationToken">Ends the query.</param>
    public static async Task<IReadOnlyDictionary<uint, LockMode>> ReadLocksAsync(
        NpgsqlConnection connection, int pid, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            SELECT relation, mode FROM pg_locks
             WHERE pid = $1 AND locktype = 'relation' AND granted AND mode <> 'AccessShareLock'
            """,
            connection);
        command.Parameters.Add(new NpgsqlParameter { Value = pid });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var locks = new Dictionary<uint, LockMode>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var relation = reader.GetFieldValue<uint>(0);
            var mode = LockModes.Parse(reader.GetString(1));
            locks[relation] = (LockMode)Math.Max((int)locks.GetValueOrDefault(relation), (int)mode);
        }

        return locks;
    }

    private static async Task<IReadOnlyDictionary<uint, TableActivity>> ReadActivityAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            SELECT relid, seq_scan, coalesce(idx_scan, 0), n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables
             WHERE seq_scan + coalesce(idx_scan, 0) + n_tup_ins + n_tup_upd + n_tup_del > 0
            """,
            connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var activity = new Dictionary<uint, TableActivity>();
        while (await reader.ReadAsync(cancellationToken))
        {
            activity[reader.GetFieldValue<uint>(0)] = new TableActivity(reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3));
        }

        return activity;
    }

    public IReadOnlyDictionary<uint, LockMode> LocksSince(SessionState before) =>
        Locks.Where(pair => pair.Value > before.Locks.GetValueOrDefault(pair.Key)).ToDictionary();

    public IReadOnlyDictionary<uint, TableActivity> ActivitySince(SessionState before) =>
        Activity.ToDictionary(pair => pair.Key, pair => pair.Value.Since(before.Activity.GetValueOrDefault(pair.Key, TableActivity.None)));
}
