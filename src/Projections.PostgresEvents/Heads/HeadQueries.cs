using Npgsql;
using NpgsqlTypes;
using Projections.PostgresEvents.Layout;

namespace Projections.PostgresEvents.Heads;

/// <summary>
/// What a look at the head asks the database, prepared in a session of its own. Each statement sees its own, newest snapshot.
/// </summary>
internal sealed class HeadQueries : IAsyncDisposable
{
    // One look reads no more of the table than this; a longer run is found by the following looks.
    private const int LongestRun = 100_000;

    private readonly NpgsqlConnection _connection;
    private readonly NpgsqlCommand _sequence;
    private readonly NpgsqlCommand _writers;
    private readonly NpgsqlCommand _run;
    private readonly NpgsqlParameter<long> _mark = new();
    private readonly NpgsqlParameter<long> _last = new();

    private HeadQueries(NpgsqlConnection connection, EventTableLayout layout)
    {
        _connection = connection;
        _sequence = new NpgsqlCommand(
            $"SELECT CASE WHEN is_called THEN last_value ELSE last_value - 1 END, pg_is_in_recovery() FROM {layout.Sequence}", connection) { CommandTimeout = 0 };
        _writers = new NpgsqlCommand(
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
            """,
            connection)
        {
            CommandTimeout = 0,
            Parameters =
            {
                new NpgsqlParameter { Value = layout.SequenceOid, NpgsqlDbType = NpgsqlDbType.Oid },
                new NpgsqlParameter { Value = layout.TableOid, NpgsqlDbType = NpgsqlDbType.Oid },
            },
        };
        // In a run without gaps the number and its rank rise together; at the first gap they part for good.
        _run = new NpgsqlCommand(
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
            """,
            connection)
        {
            CommandTimeout = 0,
            Parameters = { _mark, _last },
        };
    }

    public static async Task<HeadQueries> OpenAsync(NpgsqlDataSource dataSource, EventTableLayout layout, CancellationToken cancellationToken)
    {
        var queries = new HeadQueries(await dataSource.OpenConnectionAsync(cancellationToken), layout);
        try
        {
            await queries._sequence.PrepareAsync(cancellationToken);
            await queries._writers.PrepareAsync(cancellationToken);
            await queries._run.PrepareAsync(cancellationToken);
            return queries;
        }
        catch
        {
            await queries.DisposeAsync();
            throw;
        }
    }

    /// <summary>The last number that the sequence gave out, and whether the server is a standby.</summary>
    public async Task<(long Last, bool IsStandby)> ReadSequenceAsync(CancellationToken cancellationToken)
    {
        await using var reader = await _sequence.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return (Math.Max(0, reader.GetInt64(0)), reader.GetBoolean(1));
    }

    /// <summary>Who may hold a number that is not visible yet.</summary>
    public async Task<List<Writer>> ReadWritersAsync(CancellationToken cancellationToken)
    {
        await using var reader = await _writers.ExecuteReaderAsync(cancellationToken);
        var writers = new List<Writer>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var transaction = reader.GetString(0);
            writers.Add(new Writer(transaction, Describe(reader, transaction), reader.GetBoolean(1)));
        }

        return writers;
    }

    /// <summary>How many numbers after <paramref name="mark"/> are visible without a gap.</summary>
    public async Task<long> ReadRunAsync(long mark, long last, CancellationToken cancellationToken)
    {
        _mark.TypedValue = mark;
        _last.TypedValue = last;
        return (long)(await _run.ExecuteScalarAsync(cancellationToken))!;
    }

    public async ValueTask DisposeAsync()
    {
        await _sequence.DisposeAsync();
        await _writers.DisposeAsync();
        await _run.DisposeAsync();
        await _connection.DisposeAsync();
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
