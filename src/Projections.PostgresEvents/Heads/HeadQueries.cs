using Npgsql;
using NpgsqlTypes;
using Projections.PostgresEvents.Layout;

namespace Projections.PostgresEvents.Heads;

/// <summary>What a look at the head asks the database. Each statement sees its own, newest snapshot.</summary>
internal sealed class HeadQueries(EventTableLayout layout)
{
    // One look reads no more of the table than this; a longer run is found by the following looks.
    private const int LongestRun = 100_000;

    private readonly string _sequence = $"SELECT CASE WHEN is_called THEN last_value ELSE last_value - 1 END, pg_is_in_recovery() FROM {layout.Sequence}";

    private readonly string _writers =
        """
        SELECT DISTINCT l.virtualtransaction, l.pid IS NULL OR l.virtualtransaction LIKE '%/0', l.pid,
            a.application_name, a.state, extract(epoch FROM clock_timestamp() - a.xact_start)::float8
        FROM pg_locks AS l
            LEFT JOIN pg_stat_activity AS a ON a.pid = l.pid
        WHERE l.locktype = 'relation'
            AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
            AND l.granted
            AND l.mode IN ('RowExclusiveLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
            AND (l.relation = $1 OR l.relation = $2 OR l.relation IN (SELECT relid FROM pg_partition_tree($2)))
        """;

    // In a run without gaps the number and its rank rise together; at the first gap they part for good.
    private readonly string _run =
        $"""
        SELECT count(*)
        FROM (
            SELECT {layout.Position} - row_number() OVER (ORDER BY {layout.Position}) AS start
            FROM {layout.Table} AS e
            WHERE {layout.Position} > $1 AND {layout.Position} <= $2
            ORDER BY {layout.Position}
            LIMIT {LongestRun}
        ) AS numbered
        WHERE start = $1
        """;

    /// <summary>The last number that the sequence gave out, and whether the server is a standby.</summary>
    public async Task<(long Last, bool IsStandby)> ReadSequenceAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(_sequence, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return (Math.Max(0, reader.GetInt64(0)), reader.GetBoolean(1));
    }

    /// <summary>Who may hold a number that is not visible yet.</summary>
    public async Task<List<Writer>> ReadWritersAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(_writers, connection)
        {
            Parameters =
            {
                new NpgsqlParameter { Value = layout.SequenceOid, NpgsqlDbType = NpgsqlDbType.Oid },
                new NpgsqlParameter { Value = layout.TableOid, NpgsqlDbType = NpgsqlDbType.Oid },
            },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var writers = new List<Writer>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var transaction = reader.GetString(0);
            writers.Add(new Writer(transaction, Describe(reader, transaction), reader.GetBoolean(1)));
        }

        return writers;
    }

    /// <summary>How many numbers after <paramref name="mark"/> are visible without a gap.</summary>
    public async Task<long> ReadRunAsync(NpgsqlConnection connection, long mark, long last, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(_run, connection)
        {
            Parameters = { new NpgsqlParameter<long> { TypedValue = mark }, new NpgsqlParameter<long> { TypedValue = last } },
        };
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private static string Describe(NpgsqlDataReader row, string transaction)
    {
        if (row.IsDBNull(2))
        {
            return $"prepared transaction {transaction[(transaction.IndexOf('/', StringComparison.Ordinal) + 1)..]} (see pg_prepared_xacts)";
        }

        var application = row.IsDBNull(3) || row.GetString(3).Length == 0 ? "" : $" '{row.GetString(3)}'";
        var state = row.IsDBNull(4) ? "" : $", {row.GetString(4)}";
        var age = row.IsDBNull(5) ? "" : FormattableString.Invariant($", transaction open for {row.GetDouble(5):0.0} s");
        return $"process {row.GetInt32(2)}{application}{state}{age}";
    }
}
