using Npgsql;
using NpgsqlTypes;
using Projections.Events;
using Projections.Postgres;

namespace Projections.PostgresEvents.Marten;

/// <summary>
/// An event store with the tables of Marten 9, for the demo and for tests: creates it, fills it in bulk, appends to it as Marten's quick
/// append does, with the numbers drawn inside the transaction, and archives streams. Not a replacement for Marten in an application.
/// </summary>
public sealed class MartenEventTable(NpgsqlDataSource dataSource, string schema = "public", MartenLayout? layout = null)
{
    private readonly MartenLayout _layout = layout ?? MartenLayout.Default;
    private readonly MartenSchema _tables = new(schema, layout ?? MartenLayout.Default);

    /// <summary>Creates the schema and the tables, where they are not there.</summary>
    public Task CreateAsync(CancellationToken cancellationToken = default) => ExecuteAsync(_tables.Create, cancellationToken);

    /// <summary>
    /// Puts many events in, in the order given, behind those that are there; nobody else may be appending. Ends with fresh statistics.
    /// Needs a superuser: foreign keys are not looked at, so that a large history takes no longer than it must.
    /// </summary>
    /// <returns>The number of the last event.</returns>
    public async Task<long> SeedAsync(IEnumerable<MartenEvent> events, string? streamType = null, CancellationToken cancellationToken = default)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var first = await ScalarAsync(
            connection,
            $"SET LOCAL session_replication_role = replica; SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {_tables.Sequence}",
            cancellationToken);
        var last = await CopyInAsync(connection, events, first, cancellationToken);
        if (last == first)
        {
            return last;
        }

        await ScalarAsync(connection, $"SELECT setval({SqlName.Literal(_tables.Sequence)}, {last})", cancellationToken);
        await using (var streams = new NpgsqlCommand(
            $"""
            INSERT INTO {_tables.Streams} (id, tenant_id, type, version, timestamp, created)
            SELECT stream_id, tenant_id, $1, max(version), max(timestamp), min(timestamp)
            FROM {_tables.Events}
            WHERE seq_id > $2
            GROUP BY stream_id, tenant_id
            ON CONFLICT ({_tables.StreamKey}) DO UPDATE SET version = excluded.version, timestamp = excluded.timestamp
            """,
            connection)
            { Parameters = { new NpgsqlParameter { Value = (object?)streamType ?? DBNull.Value }, new NpgsqlParameter { Value = first } } })
        {
            await streams.ExecuteNonQueryAsync(cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        await ExecuteAsync($"ANALYZE {_tables.Events}; ANALYZE {_tables.Streams};", cancellationToken);
        return last;
    }

    /// <summary>Appends events to a stream in a transaction of their own.</summary>
    /// <returns>The number of the last event.</returns>
    public async Task<long> AppendAsync(
        StreamId stream,
        IReadOnlyList<(string Type, string Json)> events,
        string? streamType = null,
        string? tenant = null,
        CancellationToken cancellationToken = default)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        return await AppendAsync(connection, stream, events, streamType, tenant, cancellationToken);
    }

    /// <summary>Appends events to a stream in the transaction that is open on the connection, or in one of their own.</summary>
    /// <returns>The number of the last event.</returns>
    public async Task<long> AppendAsync(
        NpgsqlConnection connection,
        StreamId stream,
        IReadOnlyList<(string Type, string Json)> events,
        string? streamType = null,
        string? tenant = null,
        CancellationToken cancellationToken = default)
    {
        await using var command = new NpgsqlCommand(
            $"""
            WITH stream AS (
                INSERT INTO {_tables.Streams} AS s (id, tenant_id, type, version) VALUES ($1, $6, $2, $3)
                ON CONFLICT ({_tables.StreamKey}) DO UPDATE SET version = s.version + excluded.version, timestamp = now()
                RETURNING version - $3 AS before
            ), numbered AS (
                INSERT INTO {_tables.Events} (seq_id, id, stream_id, version, type, data, tenant_id)
                SELECT nextval({SqlName.Literal(_tables.Sequence)}), gen_random_uuid(), $1, stream.before + new.ordinality, new.type, new.data::jsonb, $6
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
                new NpgsqlParameter { Value = tenant ?? MartenSchema.DefaultTenant },
            },
        };
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>
    /// Archives a stream with the events that it has, in the transaction that is open on the connection, or in one of its own. No event
    /// says so. In Marten's rich mode a session that appends and archives does it in this order: what is appended afterwards in the same
    /// transaction belongs to an archived stream and is not marked.
    /// </summary>
    public async Task ArchiveAsync(NpgsqlConnection connection, StreamId stream, string? tenant = null, CancellationToken cancellationToken = default)
    {
        await using var batch = new NpgsqlBatch(connection);
        foreach (var statement in _tables.Archive)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(statement)
            {
                Parameters = { new NpgsqlParameter { Value = Key(stream) }, new NpgsqlParameter { Value = tenant ?? MartenSchema.DefaultTenant } },
            });
        }

        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Archives a stream in a transaction of its own.</summary>
    public async Task ArchiveAsync(StreamId stream, string? tenant = null, CancellationToken cancellationToken = default)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await ArchiveAsync(connection, stream, tenant, cancellationToken);
    }

    private async Task<long> CopyInAsync(
        NpgsqlConnection connection, IEnumerable<MartenEvent> events, long position, CancellationToken cancellationToken)
    {
        await using var copy = await connection.BeginBinaryImportAsync(
            $"""
            COPY {_tables.Events} (seq_id, id, stream_id, version, data, type, timestamp, tenant_id, mt_dotnet_type{(_layout.HasHeaders ? ", headers" : "")})
            FROM STDIN (FORMAT BINARY)
            """,
            cancellationToken);
        foreach (var seeded in events)
        {
            position++;
            await copy.StartRowAsync(cancellationToken);
            await copy.WriteAsync(position, NpgsqlDbType.Bigint, cancellationToken);
            await copy.WriteAsync(Guid.NewGuid(), NpgsqlDbType.Uuid, cancellationToken);
            await copy.WriteAsync(Key(seeded.Stream), _layout.StreamsAreUuids ? NpgsqlDbType.Uuid : NpgsqlDbType.Varchar, cancellationToken);
            await copy.WriteAsync(seeded.Version, NpgsqlDbType.Bigint, cancellationToken);
            await copy.WriteAsync(seeded.Json, NpgsqlDbType.Jsonb, cancellationToken);
            await copy.WriteAsync(seeded.Type, NpgsqlDbType.Varchar, cancellationToken);
            await copy.WriteAsync(seeded.Time, NpgsqlDbType.TimestampTz, cancellationToken);
            await copy.WriteAsync(seeded.Tenant ?? MartenSchema.DefaultTenant, NpgsqlDbType.Varchar, cancellationToken);
            await copy.WriteAsync($"Events.{seeded.Type}, Events", NpgsqlDbType.Varchar, cancellationToken);
            if (_layout.HasHeaders)
            {
                await WriteHeadersAsync(copy, seeded.Headers, cancellationToken);
            }
        }

        await copy.CompleteAsync(cancellationToken);
        return position;
    }

    private static Task WriteHeadersAsync(NpgsqlBinaryImporter copy, string? headers, CancellationToken cancellationToken) => headers is null
        ? copy.WriteNullAsync(cancellationToken)
        : copy.WriteAsync(headers, NpgsqlDbType.Jsonb, cancellationToken);

    private object Key(StreamId stream) => _layout.StreamsAreUuids ? stream.Guid : stream.Text;

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
