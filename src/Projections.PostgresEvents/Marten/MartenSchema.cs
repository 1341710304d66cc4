using Projections.Postgres;

namespace Projections.PostgresEvents.Marten;

/// <summary>The tables that Marten 9 makes for a layout: the same columns, keys, indexes and partitions as its own migrations give.</summary>
internal sealed class MartenSchema(string schema, MartenLayout layout)
{
    public const string DefaultTenant = "*DEFAULT*";

    public string Events { get; } = SqlName.Quote(schema, "mt_events");

    public string Streams { get; } = SqlName.Quote(schema, "mt_streams");

    public string Sequence { get; } = SqlName.Quote(schema, "mt_events_sequence");

    /// <summary>The columns that name a stream row, for a conflict clause.</summary>
    public string StreamKey => $"{Tenant}id{Archived}";

    public string Create =>
        $"""
        CREATE SCHEMA IF NOT EXISTS {SqlName.Quote(schema)};
        {(layout.HasTags ? "CREATE EXTENSION IF NOT EXISTS hstore;" : "")}
        CREATE TABLE IF NOT EXISTS {Streams} (
            {StreamColumns},
            CONSTRAINT pkey_mt_streams_{KeyName("id")} PRIMARY KEY ({StreamKey})
        ){Partitioned};
        CREATE SEQUENCE IF NOT EXISTS {Sequence};
        CREATE TABLE IF NOT EXISTS {Events} (
            {EventColumns},
            CONSTRAINT pkey_mt_events_seq_id{(layout.HasArchivePartitions ? "_is_archived" : "")} PRIMARY KEY (seq_id{Archived})
        ){Partitioned};
        ALTER SEQUENCE {Sequence} OWNED BY {Events}.seq_id;
        {PartitionsOf("mt_streams")}
        {PartitionsOf("mt_events")}
        CREATE UNIQUE INDEX IF NOT EXISTS pk_mt_events_stream_and_version ON {Events} ({Tenant}stream_id, version{Archived});
        {(layout.HasTags ? $"CREATE INDEX IF NOT EXISTS idx_mt_events_tags ON {Events} USING gin (tags);" : "")}
        {ForeignKey}
        """;

    /// <summary>What archiving a stream ($1) of a tenant ($2) is. Between partitions a stream moves before its events, which refer to it.</summary>
    public IEnumerable<string> Archive => layout.HasArchivePartitions
        ?
        [
            $"""
            INSERT INTO {Streams} (id, tenant_id, type, version, timestamp, created, is_archived)
            SELECT id, tenant_id, type, version, timestamp, created, true FROM {Streams} WHERE id = $1 AND tenant_id = $2 AND NOT is_archived
            """,
            $"UPDATE {Events} SET is_archived = true WHERE stream_id = $1 AND tenant_id = $2 AND NOT is_archived",
            $"DELETE FROM {Streams} WHERE id = $1 AND tenant_id = $2 AND NOT is_archived",
        ]
        :
        [
            $"UPDATE {Streams} SET is_archived = true WHERE id = $1 AND tenant_id = $2",
            $"UPDATE {Events} SET is_archived = true WHERE stream_id = $1 AND tenant_id = $2",
        ];

    private string StreamId => layout.StreamsAreUuids ? "uuid" : "varchar";

    private string Tenant => layout.IsConjoined ? "tenant_id, " : "";

    private string Archived => layout.HasArchivePartitions ? ", is_archived" : "";

    private string Partitioned => layout.HasArchivePartitions ? " PARTITION BY LIST (is_archived)" : "";

    private string StreamColumns => string.Join(", ",
    [
        .. Only(layout.IsConjoined, TenantColumn),
        $"id {StreamId} NOT NULL",
        "type varchar",
        "version bigint",
        "timestamp timestamptz NOT NULL DEFAULT now()",
        "created timestamptz NOT NULL DEFAULT now()",
        .. Only(!layout.IsConjoined, TenantColumn),
        "is_archived boolean DEFAULT false",
    ]);

    private string EventColumns => string.Join(", ",
    [
        "seq_id bigint NOT NULL",
        "id uuid NOT NULL",
        $"stream_id {StreamId}",
        "version bigint NOT NULL",
        "data jsonb NOT NULL",
        "bdata bytea",
        "type varchar(500) NOT NULL",
        "timestamp timestamptz NOT NULL DEFAULT now()",
        TenantColumn,
        "mt_dotnet_type varchar",
        .. Only(layout.HasHeaders, "correlation_id varchar", "causation_id varchar", "headers jsonb", "user_name varchar"),
        .. Only(layout.HasSkipping, "is_skipped boolean DEFAULT false"),
        .. Only(layout.HasTags, "tags hstore"),
        "is_archived boolean DEFAULT false",
    ]);

    private string ForeignKey
    {
        get
        {
            var name = $"fkey_mt_events_{(layout.IsConjoined ? "stream_id_tenant_id" : "stream_id")}{(layout.HasArchivePartitions ? "_is_archived" : "")}";
            return $"""
                DO $$
                BEGIN
                    ALTER TABLE {Events} ADD CONSTRAINT {name}
                        FOREIGN KEY ({Tenant}stream_id{Archived}) REFERENCES {Streams} ({StreamKey}){(layout.IsConjoined ? "" : " ON DELETE CASCADE")};
                EXCEPTION WHEN duplicate_object THEN
                    NULL;
                END
                $$;
                """;
        }
    }

    private static string TenantColumn => $"tenant_id varchar DEFAULT '{DefaultTenant}'";

    private string KeyName(string id) => $"{(layout.IsConjoined ? "tenant_id_" : "")}{id}{(layout.HasArchivePartitions ? "_is_archived" : "")}";

    private string PartitionsOf(string table) => layout.HasArchivePartitions
        ? $"""
            CREATE TABLE IF NOT EXISTS {SqlName.Quote(schema, $"{table}_archived")} PARTITION OF {SqlName.Quote(schema, table)} FOR VALUES IN (true);
            CREATE TABLE IF NOT EXISTS {SqlName.Quote(schema, $"{table}_default")} PARTITION OF {SqlName.Quote(schema, table)} DEFAULT;
            """
        : "";

    private static string[] Only(bool condition, params string[] columns) => condition ? columns : [];
}
