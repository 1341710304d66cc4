using Npgsql;
using Projections.EndToEnd.Tallies;

namespace Projections.EndToEnd.LateEvents;

/// <summary>
/// One append as Marten's rich mode does it, a step at a time: the numbers are drawn, and the stream's version is read, in one round trip
/// without a transaction, on a session that goes back to the pool; the transaction that uses them comes later, on any session.
/// See RichEventAppender and EventSequenceFetcher in https://github.com/JasperFx/marten.
/// </summary>
internal sealed class RichAppend
{
    private readonly Guid _stream;
    private readonly long _version;
    private readonly List<long> _numbers;

    private RichAppend(Guid stream, long version, List<long> numbers)
    {
        _stream = stream;
        _version = version;
        _numbers = numbers;
    }

    /// <summary>The first number that was drawn.</summary>
    public long Number => _numbers[0];

    public static async Task<RichAppend> DrawAsync(NpgsqlConnection connection, Guid stream, int count = 1)
    {
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new NpgsqlBatchCommand("select nextval('events.mt_events_sequence') from generate_series(1, $1)") { Parameters = { new NpgsqlParameter { Value = count } } },
                new NpgsqlBatchCommand("select version from events.mt_streams where id = $1") { Parameters = { new NpgsqlParameter { Value = stream } } },
            },
        };
        await using var row = await batch.ExecuteReaderAsync();
        var numbers = new List<long>();
        while (await row.ReadAsync())
        {
            numbers.Add(row.GetInt64(0));
        }

        await row.NextResultAsync();
        return new RichAppend(stream, await row.ReadAsync() ? row.GetInt64(0) : 0, numbers);
    }

    /// <summary>Draws over any session of the pool.</summary>
    public static async Task<RichAppend> DrawAsync(NpgsqlDataSource sql, Guid stream, int count = 1)
    {
        await using var connection = await sql.OpenConnectionAsync();
        return await DrawAsync(connection, stream, count);
    }

    /// <summary>Draws one more number, for an event that follows the others.</summary>
    public async Task DrawAnotherAsync(NpgsqlDataSource sql)
    {
        await using var command = sql.CreateCommand("select nextval('events.mt_events_sequence')");
        _numbers.Add((long)(await command.ExecuteScalarAsync())!);
    }

    /// <summary>Inserts an event for each number in a transaction, and commits it or rolls it back.</summary>
    public async Task InsertAsync(NpgsqlConnection connection, bool commit, params (string Type, string Json)[] events)
    {
        await using var transaction = await connection.BeginTransactionAsync();
        await ExecuteAsync(
            connection,
            _version == 0
                ? "insert into events.mt_streams (id, version) values ($1, $2)"
                : "update events.mt_streams set version = $2, timestamp = now() where id = $1 and version = $3",
            _version == 0 ? [_stream, (long)events.Length] : [_stream, _version + events.Length, _version]);
        foreach (var (i, (type, json)) in events.Index())
        {
            await ExecuteAsync(
                connection,
                "insert into events.mt_events (seq_id, id, stream_id, version, data, type, timestamp) values ($1, gen_random_uuid(), $2, $3, $4::jsonb, $5, now())",
                [_numbers[i], _stream, _version + 1 + i, json, type]);
        }

        await (commit ? transaction.CommitAsync() : transaction.RollbackAsync());
    }

    /// <summary>The same over any session of the pool.</summary>
    public async Task InsertAsync(NpgsqlDataSource sql, bool commit, params (string Type, string Json)[] events)
    {
        await using var connection = await sql.OpenConnectionAsync();
        await InsertAsync(connection, commit, events);
    }

    /// <summary>Adds an amount to a tally.</summary>
    public Task AddAsync(NpgsqlDataSource sql, int amount) => InsertAsync(sql, commit: true, (TallyEvents.Added, $$"""{"amount":{{amount}}}"""));

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, object[] values)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        if (await command.ExecuteNonQueryAsync() != 1)
        {
            throw new InvalidOperationException("The stream has another version by now.");
        }
    }
}
