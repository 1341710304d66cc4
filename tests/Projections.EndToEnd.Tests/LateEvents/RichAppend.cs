using System.Globalization;
using Npgsql;
using Projections.EndToEnd.Tallies;

namespace Projections.EndToEnd.LateEvents;

/// <summary>
/// One append as Marten's rich mode does it, a step at a time: the numbers are drawn in a statement of its own, on a session that goes
/// back to the pool; the transaction that uses them comes later, on any session, even one of another process.
/// </summary>
internal sealed class RichAppend
{
    private readonly Guid _stream;

    private RichAppend(Guid stream, long number)
    {
        _stream = stream;
        Number = number;
    }

    /// <summary>The number that was drawn.</summary>
    public long Number { get; }

    public static async Task<RichAppend> DrawAsync(NpgsqlConnection connection, Guid stream)
    {
        await using var command = new NpgsqlCommand("select nextval('events.mt_events_sequence') from generate_series(1, 1)", connection);
        return new RichAppend(stream, (long)(await command.ExecuteScalarAsync())!);
    }

    /// <summary>Draws over any session of the pool.</summary>
    public static async Task<RichAppend> DrawAsync(NpgsqlDataSource sql, Guid stream)
    {
        await using var connection = await sql.OpenConnectionAsync();
        return await DrawAsync(connection, stream);
    }

    /// <summary>Inserts the event in a transaction that ends with <c>COMMIT</c> or <c>ROLLBACK</c>.</summary>
    public async Task InsertAsync(NpgsqlConnection connection, int amount, bool commit = true, string type = TallyEvents.Added)
    {
        await using var transaction = await connection.BeginTransactionAsync();
        await using var command = new NpgsqlCommand(
            """
            with stream as (
                insert into events.mt_streams as s (id, version) values ($1, 1)
                on conflict (id) do update set version = s.version + 1, timestamp = now()
                returning version)
            insert into events.mt_events (seq_id, id, stream_id, version, data, type, timestamp)
            select $2, gen_random_uuid(), $1, stream.version, $3::jsonb, $4, now() from stream
            """,
            connection)
        {
            Parameters =
            {
                new NpgsqlParameter { Value = _stream },
                new NpgsqlParameter { Value = Number },
                new NpgsqlParameter { Value = string.Create(CultureInfo.InvariantCulture, $$"""{"amount":{{amount}}}""") },
                new NpgsqlParameter { Value = type },
            },
        };
        await command.ExecuteNonQueryAsync();
        await (commit ? transaction.CommitAsync() : transaction.RollbackAsync());
    }

    /// <summary>The same over any session of the pool.</summary>
    public async Task InsertAsync(NpgsqlDataSource sql, int amount, bool commit = true, string type = TallyEvents.Added)
    {
        await using var connection = await sql.OpenConnectionAsync();
        await InsertAsync(connection, amount, commit, type);
    }
}
