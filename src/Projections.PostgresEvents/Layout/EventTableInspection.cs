using Npgsql;
using Projections.Events;
using Projections.Postgres;

namespace Projections.PostgresEvents.Layout;

/// <summary>Looks a mapping up in the database's catalog, and refuses what could not be read correctly.</summary>
internal sealed class EventTableInspection(NpgsqlConnection connection, EventTableMapping mapping)
{
    /// <summary>The columns with which an index of all rows begins.</summary>
    private const string IndexedColumns =
        """
        SELECT coalesce(array_agg(DISTINCT a.attname::text), '{}')
        FROM pg_index AS i JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
        WHERE i.indrelid = $1 AND i.indisvalid AND i.indpred IS NULL
        """;

    // Two whole blocks of the hash, and a part of one.
    private static readonly StreamId ProbedText = new("stream-0123456789-abcdefghijkl");
    private static readonly StreamId ProbedUuid = new(new Guid("0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"));

    private readonly string _table = SqlName.Quote(mapping.Schema, mapping.Table);

    /// <exception cref="EventSourceUnusable">Something is missing or would give wrong rows; the message says what to change.</exception>
    public async Task<EventTableLayout> RunAsync(CancellationToken cancellationToken)
    {
        await RefuseStandbyAsync(cancellationToken);
        var tableOid = await FindTableAsync(cancellationToken);
        var columns = await ReadColumnsAsync(tableOid, cancellationToken);
        var streamType = Require(columns, mapping.Stream);
        foreach (var required in (string[])[mapping.Position, mapping.StreamVersion, mapping.Type, mapping.Time])
        {
            Require(columns, required);
        }

        var dataFormat = JsonFormat(mapping.Data, Require(columns, mapping.Data));
        var hasMetadata = mapping.Metadata is { } metadata && columns.ContainsKey(metadata);
        string[] metadataColumns = [.. mapping.MetadataColumns.Where(columns.ContainsKey)];
        var hasTenant = mapping.Tenant is { } tenant && columns.ContainsKey(tenant);
        if (hasTenant)
        {
            await RefuseSequenceATenantAsync(tableOid, mapping.Tenant!, cancellationToken);
        }

        var (sequence, sequenceOid) = await FindSequenceAsync(cancellationToken);
        await CheckSequenceAsync(sequence, sequenceOid, cancellationToken);
        var indexed = await ScalarAsync<string[]>(IndexedColumns, cancellationToken, tableOid);
        var layout = new EventTableLayout
        {
            Mapping = mapping,
            Table = _table,
            Sequence = sequence,
            TableOid = tableOid,
            SequenceOid = sequenceOid,
            StreamIsUuid = streamType == "uuid",
            StreamHash = await FindStreamHashAsync(streamType, cancellationToken),
            DataFormat = dataFormat,
            HasMetadata = hasMetadata,
            MetadataColumns = metadataColumns,
            MetadataFormat = metadataColumns.Length > 0 || !hasMetadata ? TextFormat.Jsonb : JsonFormat(mapping.Metadata!, columns[mapping.Metadata!]),
            HasTenant = hasTenant,
            HasBinaryData = mapping.BinaryData is { } binary && columns.ContainsKey(binary),
            LeftOutWhen = [.. mapping.LeftOutWhen.Where(columns.ContainsKey)],
            StreamsHaveTenants = hasTenant && await StreamsHaveTenantsAsync(tableOid, cancellationToken),
            PositionIsIndexed = indexed.Contains(mapping.Position),
            IdIsIndexed = mapping.Id is { } id && columns.GetValueOrDefault(id) == "uuid" && indexed.Contains(id),
            Types = await ReadTypeStatisticsAsync(tableOid, cancellationToken),
        };
        await CheckRightsAndNumbersAsync(layout, cancellationToken);
        return layout;
    }

    /// <summary>Whoever folds leaves out by the same hash what is not in its share, so a server that makes another is not asked to choose: of a fork, say, or of texts that are not UTF-8.</summary>
    private async Task<string?> FindStreamHashAsync(string streamType, CancellationToken cancellationToken)
    {
        var column = EventTableLayout.Column(mapping.Stream);
        return streamType switch
        {
            "uuid" when await IsOursAsync(ProbedUuid, $"uuid_hash({SqlName.Literal(ProbedUuid.Text)}::uuid)") => $"uuid_hash({column})",
            "text" or "character varying" when await IsOursAsync(ProbedText, $"hashtext({SqlName.Literal(ProbedText.Text)} COLLATE \"C\")") => $"hashtext({column}::text COLLATE \"C\")",
            _ => null,
        };

        Task<bool> IsOursAsync(StreamId probed, string hash) => ScalarAsync<bool>(
            $"SELECT current_setting('server_encoding') = 'UTF8' AND {hash} = {StreamShare.HashOf(probed, asUuid: false)}", cancellationToken);
    }

    private async Task RefuseStandbyAsync(CancellationToken cancellationToken)
    {
        if (await ScalarAsync<bool>("SELECT pg_is_in_recovery()", cancellationToken))
        {
            throw Standby(_table);
        }
    }

    internal static EventSourceUnusable Standby(string table) => new(
        $"The server of {table} is a standby, where it cannot be seen which transactions of the primary server are still writing, "
        + "so events that are committed late would be lost. Connect to the primary server (Target Session Attributes=primary).");

    private async Task<uint> FindTableAsync(CancellationToken cancellationToken) =>
        await ScalarAsync<uint?>(
            """
            SELECT c.oid
            FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
            WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind IN ('r', 'p')
            """,
            cancellationToken,
            mapping.Schema,
            mapping.Table)
        ?? throw new EventSourceUnusable(
            $"There is no table {_table} in the database '{connection.Database}'. "
            + $"Check the database and the schema of the {mapping.Store} event store; it is created by the store itself.");

    private async Task<Dictionary<string, string>> ReadColumnsAsync(uint table, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            SELECT attname::text, format_type(atttypid, NULL)
            FROM pg_attribute
            WHERE attrelid = $1 AND attnum > 0 AND NOT attisdropped
            """,
            connection) { Parameters = { new NpgsqlParameter { Value = table, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Oid } } };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var columns = new Dictionary<string, string>(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellationToken))
        {
            columns.Add(reader.GetString(0), reader.GetString(1));
        }

        return columns;
    }

    private string Require(Dictionary<string, string> columns, string name) =>
        columns.TryGetValue(name, out var type)
            ? type
            : throw new EventSourceUnusable(
                $"The table {_table} has no column {SqlName.Quote(name)}; it has {string.Join(", ", columns.Keys.Order(StringComparer.Ordinal))}. "
                + $"It is not a table of {mapping.Store}, or of a version that is not known here; map its columns by name.");

    private TextFormat JsonFormat(string column, string type) => type switch
    {
        "jsonb" => TextFormat.Jsonb,
        "json" or "text" or "character varying" => TextFormat.Plain,
        _ => throw new EventSourceUnusable(
            $"The column {SqlName.Quote(column)} of {_table} is of type {type}; only jsonb, json and text can be read as JSON."),
    };

    private async Task RefuseSequenceATenantAsync(uint table, string tenant, CancellationToken cancellationToken)
    {
        const string PartitionedByColumn =
            """
            SELECT EXISTS (
                SELECT 1
                FROM pg_partitioned_table AS p JOIN pg_attribute AS a ON a.attrelid = p.partrelid AND a.attnum = ANY (p.partattrs::int2[])
                WHERE p.partrelid = $1 AND a.attname = $2)
            """;
        if (await ScalarAsync<bool>(PartitionedByColumn, cancellationToken, table, tenant))
        {
            throw new EventSourceUnusable(
                $"The table {_table} is partitioned by {SqlName.Quote(tenant)}: each tenant's events have numbers of their own there, "
                + "so there is no order over all events. Such a store cannot be read as one source.");
        }
    }

    private async Task<(string Name, uint Oid)> FindSequenceAsync(CancellationToken cancellationToken)
    {
        if (mapping.Sequence is { } named)
        {
            var oid = await ScalarAsync<uint?>(
                """
                SELECT c.oid
                FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
                WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind = 'S'
                """,
                cancellationToken,
                mapping.Schema,
                named);
            var name = SqlName.Quote(mapping.Schema, named);
            return (name, oid ?? throw NoSequence($"There is no sequence {name}."));
        }

        var owned = await ScalarAsync<string?>("SELECT pg_get_serial_sequence($1, $2)", cancellationToken, _table, mapping.Position)
            ?? throw NoSequence($"The column {SqlName.Quote(mapping.Position)} of {_table} owns no sequence.");
        return (owned, await ScalarAsync<uint>("SELECT $1::regclass::oid", cancellationToken, owned));
    }

    private EventSourceUnusable NoSequence(string what) =>
        new($"{what} The numbers of the events in {_table} must come from a sequence, or it cannot be told which are still missing.");

    private async Task CheckSequenceAsync(string sequence, uint oid, CancellationToken cancellationToken)
    {
        var cache = await ScalarAsync<long>("SELECT seqcache FROM pg_sequence WHERE seqrelid = $1", cancellationToken, oid);
        if (cache != 1)
        {
            throw new EventSourceUnusable(
                $"The sequence {sequence} hands out {cache} numbers at a time to each session (CACHE {cache}), so a session may use a low "
                + $"number much later and its event would be lost. Run: ALTER SEQUENCE {sequence} CACHE 1; and reconnect the writers.");
        }

        if (await ScalarAsync<bool>("SELECT seqincrement < 1 OR seqcycle FROM pg_sequence WHERE seqrelid = $1", cancellationToken, oid))
        {
            throw new EventSourceUnusable(
                $"The sequence {sequence} counts down or starts again at its end; only one whose numbers rise for ever gives events an order.");
        }
    }

    // What keeps two events from the same place in a stream says what a stream is.
    private Task<bool> StreamsHaveTenantsAsync(uint table, CancellationToken cancellationToken) => ScalarAsync<bool>(
        """
        SELECT coalesce(bool_and(tenant), false)
        FROM (
            SELECT bool_or(a.attname = $2) AS tenant
            FROM pg_index AS i JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
            WHERE i.indrelid = $1 AND i.indisunique AND i.indisvalid AND i.indpred IS NULL
            GROUP BY i.indexrelid
            HAVING bool_or(a.attname = $3) AND bool_or(a.attname = $4)
        ) AS place
        """,
        cancellationToken,
        table,
        mapping.Tenant!,
        mapping.Stream,
        mapping.StreamVersion);

    // Of a partitioned table the server keeps statistics by itself of the partitions alone; each counts by its rows.
    private async Task<TypeStatistics> ReadTypeStatisticsAsync(uint table, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            WITH part AS (
                SELECT n.nspname, c.relname, greatest(c.reltuples, 0)::float8 AS events
                FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
                WHERE c.relkind = 'r' AND (c.oid = $1 OR c.oid IN (SELECT relid FROM pg_partition_tree($1)))
            ), frequent AS (
                SELECT common.type, sum(common.share * part.events) / (SELECT nullif(sum(events), 0) FROM part) AS share
                FROM part
                    JOIN pg_stats AS s ON s.schemaname = part.nspname AND s.tablename = part.relname AND s.attname = $2 AND NOT s.inherited,
                    unnest(s.most_common_vals::text::text[], s.most_common_freqs) AS common (type, share)
                GROUP BY common.type
            )
            SELECT coalesce(array_agg(type ORDER BY share DESC), '{}'), coalesce(array_agg(share::float4 ORDER BY share DESC), '{}')
            FROM frequent
            WHERE share > 0
            """,
            connection)
        {
            Parameters =
            {
                new NpgsqlParameter { Value = table, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Oid },
                new NpgsqlParameter { Value = mapping.Type },
            },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return new TypeStatistics(reader.GetFieldValue<string[]>(0), reader.GetFieldValue<float[]>(1));
    }

    private async Task CheckRightsAndNumbersAsync(EventTableLayout layout, CancellationToken cancellationToken)
    {
        var user = await ScalarAsync<string>("SELECT current_user::text", cancellationToken);
        foreach (var relation in (string[])[layout.Table, layout.Sequence])
        {
            var schema = SqlName.Quote(mapping.Schema);
            if (!await ScalarAsync<bool>("SELECT has_schema_privilege($1, 'USAGE')", cancellationToken, mapping.Schema))
            {
                throw new EventSourceUnusable(
                    $"The user {SqlName.Quote(user)} may not use the schema {schema}. Run: GRANT USAGE ON SCHEMA {schema} TO {SqlName.Quote(user)};");
            }

            if (!await ScalarAsync<bool>("SELECT has_table_privilege($1, 'SELECT')", cancellationToken, relation))
            {
                throw new EventSourceUnusable(
                    $"The user {SqlName.Quote(user)} may not read {relation}. Run: GRANT SELECT ON {relation} TO {SqlName.Quote(user)};");
            }
        }

        if (!layout.PositionIsIndexed)
        {
            return;
        }

        // The table is read before the sequence, so that a number drawn in between does not look wrong.
        var highest = await ScalarAsync<long>($"SELECT coalesce(max({layout.Position}), 0)::int8 FROM {_table} AS e", cancellationToken);
        var drawn = await ScalarAsync<long>($"SELECT last_value FROM {layout.Sequence}", cancellationToken);
        if (highest > drawn)
        {
            throw new EventSourceUnusable(
                $"The table {_table} holds the event {highest}, but its sequence {layout.Sequence} stands at {drawn}: it would give numbers "
                + $"out again. On a copy that is kept up by logical replication, read the original instead; else run: "
                + $"SELECT setval({SqlName.Literal(layout.Sequence)}, {highest});");
        }
    }

    private async Task<T> ScalarAsync<T>(string sql, CancellationToken cancellationToken, params object[] values)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values)
        {
            var parameter = new NpgsqlParameter { Value = value };
            if (value is uint)
            {
                parameter.NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Oid;
            }

            command.Parameters.Add(parameter);
        }

        var result = await command.ExecuteScalarAsync(cancellationToken);
        return result is null or DBNull ? default! : (T)result;
    }
}
