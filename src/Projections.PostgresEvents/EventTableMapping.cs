namespace Projections.PostgresEvents;

/// <summary>
/// Which columns of which table hold events. The names are looked up in the database when a source is opened; types are
/// found there too.
/// </summary>
public sealed record EventTableMapping
{
    /// <summary>What kind of store it is, for messages and the source's identity: <c>marten</c>, <c>emmett</c>, <c>message-db</c>.</summary>
    public required string Store { get; init; }

    public required string Schema { get; init; }

    public required string Table { get; init; }

    /// <summary>What a source of it is called.</summary>
    public string Identity => $"{Store} {Schema}.{Table}";

    /// <summary>The sequence that numbers the events, in <see cref="Schema"/>. <c>null</c>: the one that the position column owns.</summary>
    public string? Sequence { get; init; }

    /// <summary>The global number of an event.</summary>
    public required string Position { get; init; }

    /// <summary>The stream's name, a text or a UUID.</summary>
    public required string Stream { get; init; }

    public required string StreamVersion { get; init; }

    /// <summary>
    /// What <see cref="StreamVersion"/> is for a stream's first event, where it counts the events of a stream: by it a stream is recognised whose first
    /// events are gone. <c>null</c> (the default) where that cannot be told.
    /// </summary>
    public long? FirstInStream { get; init; }

    public required string Type { get; init; }

    /// <summary>The event's id, a UUID. Needed only by those who name events by it, and then an index has to begin with the column. <c>null</c> where events have none.</summary>
    public string? Id { get; init; }

    /// <summary>The event's body, of type <c>jsonb</c>, <c>json</c> or <c>text</c>.</summary>
    public required string Data { get; init; }

    /// <summary>When the event was stored. A <c>timestamp without time zone</c> is taken as UTC.</summary>
    public required string Time { get; init; }

    /// <summary>Headers or metadata as a JSON object; left out where the table has no such column.</summary>
    public string? Metadata { get; init; }

    /// <summary>Further columns that go into the metadata under their own names, those of them that the table has.</summary>
    public IReadOnlyList<string> MetadataColumns { get; init; } = [];

    /// <summary>The tenant; left out where the table has no such column.</summary>
    public string? Tenant { get; init; }

    /// <summary>Boolean columns; an event where one of them is true is not read. Those that the table has not are passed over.</summary>
    public IReadOnlyList<string> LeftOutWhen { get; init; } = [];

    /// <summary>A column whose value, where there is one, takes the place of the JSON in <see cref="Data"/> and cannot be read here.</summary>
    public string? BinaryData { get; init; }

    /// <summary>
    /// Patterns of <c>LIKE</c> for the types of events that were put in the place of others, which are gone: a stream was compacted. For a
    /// version that does not handle such an event, the stream has no beginning.
    /// </summary>
    public IReadOnlyList<string> StandIns { get; init; } = [];

    /// <summary>The table with a row a stream, and there a column <c>id</c> and the category in <c>type</c>. Used for UUID streams,
    /// whose names hold no category. <c>null</c> where there is no such table.</summary>
    public string? StreamsTable { get; init; }

    /// <summary>The column of <see cref="StreamsTable"/> with the place of the stream's last event. <c>null</c> where there is none.</summary>
    public string? LastInStream { get; init; }

    /// <summary>The boolean column of <see cref="StreamsTable"/> that is true for archived streams. <c>null</c> where none are archived.</summary>
    public string? ArchivedStreams { get; init; }

    /// <summary>
    /// How long a missing number is waited for although no running transaction can hold it. Needed where writers draw
    /// numbers before the transaction that uses them. Default zero.
    /// </summary>
    public TimeSpan GraceTime { get; init; } = TimeSpan.Zero;

    /// <summary>
    /// Marten's <c>mt_events</c>, in the layouts of Marten 7, 8 and 9. Archived events are history like any other; skipped ones are left out.
    /// A missing number is waited for for three seconds: in its rich append mode Marten draws numbers before it opens the transaction.
    /// See https://martendb.io/events/storage.
    /// </summary>
    public static EventTableMapping Marten(string schema = "public") => new()
    {
        Store = "marten",
        Schema = schema,
        Table = "mt_events",
        Sequence = "mt_events_sequence",
        Position = "seq_id",
        Stream = "stream_id",
        StreamVersion = "version",
        FirstInStream = 1,
        Type = "type",
        Id = "id",
        Data = "data",
        Time = "timestamp",
        Metadata = "headers",
        MetadataColumns = ["correlation_id", "causation_id", "user_name"],
        Tenant = "tenant_id",
        LeftOutWhen = ["is_skipped"],
        BinaryData = "bdata",
        StandIns = ["Compacted<%", "JasperFx.Events.Compacted<%"],
        StreamsTable = "mt_streams",
        LastInStream = "version",
        ArchivedStreams = "is_archived",
        GraceTime = TimeSpan.FromSeconds(3),
    };

    /// <summary>
    /// Emmett's <c>emt_messages</c>. The order is that of <c>global_position</c>, not of <c>(transaction_id, global_position)</c> as in
    /// Emmett's own consumers: a transaction that took its id early and appended late would there come before an event of the
    /// same stream that it followed. See https://github.com/event-driven-io/emmett.
    /// </summary>
    public static EventTableMapping Emmett(string schema = "public") => new()
    {
        Store = "emmett",
        Schema = schema,
        Table = "emt_messages",
        Sequence = "emt_global_message_position",
        Position = "global_position",
        Stream = "stream_id",
        StreamVersion = "stream_position",
        FirstInStream = 1,
        Type = "message_type",
        Data = "message_data",
        Time = "created",
        Metadata = "message_metadata",
    };

    /// <summary>message-db's <c>messages</c>. See http://docs.eventide-project.org/user-guide/message-db/.</summary>
    public static EventTableMapping MessageDb(string schema = "message_store") => new()
    {
        Store = "message-db",
        Schema = schema,
        Table = "messages",
        Position = "global_position",
        Stream = "stream_name",
        StreamVersion = "position",
        FirstInStream = 0,
        Type = "type",
        Id = "id",
        Data = "data",
        Time = "time",
        Metadata = "metadata",
    };
}
