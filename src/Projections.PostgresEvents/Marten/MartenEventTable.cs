using Npgsql;
using NpgsqlTypes;
using Projections.Events;
using Projections.Tables;

namespace Projections.PostgresEvents.Marten;

/// <summary>
/// An event store with the tables and columns of Marten 8, for the demo and for tests: creates it, fills it in bulk, and appends to it as
/// Marten's quick append does, with the numbers drawn inside the transaction. Not a replacement for Marten in an application.
/// </summary>
public sealed class MartenEventTable(NpgsqlDataSource dataSource, string schema = "public", bool streamsAreUuids = true)
{
    private const string DefaultTenant = "*DEFAULT*";

    private readonly string _events = SqlName.Quote(schema, "mt_events");
    private readonly string _streams = SqlName.Quote(schema, "mt_streams");
    private readonly string _sequence = SqlName.Quote(schema, "mt_events_sequence");

    /// <summary>Creates the schema and the tables, where they are not there.</summary>
    public Task CreateAsync(CancellationToken cancellationToken = default)
    {
        var streamId = streamsAreUuids ? "uuid" : "varchar";
        return ExecuteAsync(
            $"""
            CREATE SCHEMA IF NOT EXISTS {SqlName.Quote(schema)};
            CREATE TABLE IF NOT EXISTS {_streams} (
                id {streamId} NOT NULL PRIMARY KEY,
                type varchar,
                version bigint,
                timestamp timestamptz NOT NULL DEFAULT now(),
                created timestamptz NOT NULL DEFAULT now(),
                tenant_id varchar DEFAULT '{DefaultTenant}',
                is_archived bool DEFAULT false
            );
            CREATE SEQUENCE IF NOT EXISTS {_sequence};
            CREATE TABLE IF NOT EXISTS {_events} (
                seq_id bigint NOT NULL PRIMARY KEY,
                id uuid NOT NULL,
                stream_id {streamId} NOT NULL,
                version bigint NOT NULL,
                data jsonb NOT NULL,
                type varchar(500) NOT NULL,
                timestamp timestamptz NOT NULL DEFAULT now(),
                tenant_id varchar DEFAULT '{DefaultTenant}',
                mt_dotnet_type varchar,
                headers jsonb,
                is_archived bool DEFAULT false
            );
            CREATE UNIQUE INDEX IF NOT EXISTS pk_mt_events_stream_and_version ON {_events} (stream_id, version);
            ALTER SEQUENCE {_sequence} OWNED BY {_events}.seq_id;
            """,
            cancellationToken);
    }

    /// <summary>
    /// Puts many events in, in the order given, behind those that are there; nobody else may be appending. Ends with fresh statistics.
    /// </summary>
    /// <returns>The number of the last event.</returns>
    public async Task<long> SeedAsync(IEnumerable<MartenEvent> events, string? streamType = null, CancellationToken cancellationToken = default)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var first = await ScalarAsync(connection, $"SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {_sequence}", cancellationToken);
        var last = await CopyInAsync(connection, events, first, cancellationToken);
        if (last == first)
        {
            return last;
        }

        await ScalarAsync(connection, $"SELECT setval('{_sequence.Replace("'", "''", StringComparison.Ordinal)}', {last})", cancellationToken);
        await using (var streams = new NpgsqlCommand(
            $"""
            INSERT INTO {_streams} (id, type, version, timestamp, created)
            SELECT stream_id, $1, max(version), max(timestamp), min(timestamp)
            FROM {_events}
            WHERE seq_id > $2
            GROUP BY stream_id
            ON CONFLICT (id) DO UPDATE SET version = excluded.version, timestamp = excluded.timestamp
            """,
            connection)
            { Parameters = { new NpgsqlParameter { Value = (object?)streamType ?? DBNull.Value }, new NpgsqlParameter { Value = first } } })
        {
            await streams.ExecuteNonQueryAsync(cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        await ExecuteAsync($"ANALYZE {_events}; ANALYZE {_streams};", cancellationToken);
        return last;
    }

    /// <summary>Appends events to a stream in a transaction of their own.</summary>
    /// <returns>The number of the last event.</returns>
    public async Task<long> AppendAsync(
        StreamId stream, IReadOnlyList<(string Type, string Json)> events, string? streamType = null, CancellationToken cancellationToken = default)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        return await AppendAsync(connection, stream, events, streamType, cancellationToken);
    }

    /// <summary>Appends events to a stream in the transaction that is open on the connection, or in one of their own.</summary>
    /// <returns>The number of the last event.</returns>
    public async Task<long> AppendAsync(
        NpgsqlConnection connection,
        StreamId stream,
        IReadOnlyList<(string Type, string Json)> events,
        string? streamType = null,
        CancellationToken cancellationToken = default)
    {
        await using var command = new NpgsqlCommand(
            $"""
            WITH stream AS (
                INSERT INTO {_streams} AS s (id, type, version) VALUES ($1, $2, $3)
                ON CONFLICT (id) DO UPDATE SET version = s.version + excluded.version, timestamp = now()
                RETURNING version - $3 AS before
            ), numbered AS (
                INSERT INTO {_events} (seq_id, id, stream_id, version, type, data)
                SELECT nextval('{_sequence.Replace("'", "''", StringComparison.Ordinal)}'), gen_random_uuid(), $1, stream.before + new.ordinality, new.type, new.data::jsonb
                FROM stream, unnest($4::text[], $5::text[]) WITH ORDINALITY AS new (type, data)
                RETURNING seq_id
            )
            SELECT max(seq_id) FROM numbered
            """,
            connection)
        {
            Parameters =
            {
                new NpgsqlParameter { Value = Key(stream) },
                new NpgsqlParameter { Value = (object?)streamType ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Varchar },
                new NpgsqlParameter { Value = (long)events.Count },
                new NpgsqlParameter { Value = events.Select(appended => appended.Type).ToArray() },
                new NpgsqlParameter { Value = events.Select(appended => appended.Json).ToArray() },
            },
        };
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private async Task<long> CopyInAsync(
        NpgsqlConnection connection, IEnumerable<MartenEvent> events, long position, CancellationToken cancellationToken)
    {
        await using var copy = await connection.BeginBinaryImportAsync(
            $"COPY {_events} (seq_id, id, stream_id, version, data, type, timestamp, tenant_id, headers) FROM STDIN (FORMAT BINARY)",
            cancellationToken);
        foreach (var seeded in events)
        {
            position++;
            await copy.StartRowAsync(cancellationToken);
            await copy.WriteAsync(position, NpgsqlDbType.Bigint, cancellationToken);
            await copy.WriteAsync(Guid.NewGuid(), NpgsqlDbType.Uuid, cancellationToken);
            if (streamsAreUuids)
            {
                await copy.WriteAsync(seeded.Stream.Guid, NpgsqlDbType.Uuid, cancellationToken);
            }
            else
            {
                await copy.WriteAsync(seeded.Stream.Text, NpgsqlDbType.Varchar, cancellationToken);
            }

            await copy.WriteAsync(seeded.Version, NpgsqlDbType.Bigint, cancellationToken);
            await copy.WriteAsync(seeded.Json, NpgsqlDbType.Jsonb, cancellationToken);
            await copy.WriteAsync(seeded.Type, NpgsqlDbType.Varchar, cancellationToken);
            await copy.WriteAsync(seeded.Time, NpgsqlDbType.TimestampTz, cancellationToken);
            await copy.WriteAsync(seeded.Tenant ?? DefaultTenant, NpgsqlDbType.Varchar, cancellationToken);
            if (seeded.Headers is { } headers)
            {
                await copy.WriteAsync(headers, NpgsqlDbType.Jsonb, cancellationToken);
            }
            else
            {
                await copy.WriteNullAsync(cancellationToken);
            }
        }

        await copy.CompleteAsync(cancellationToken);
        return position;
    }

    private object Key(StreamId stream) => streamsAreUuids ? stream.Guid : stream.Text;

    private static async Task<long> ScalarAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private async Task ExecuteAsync(string sql, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
