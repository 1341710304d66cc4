using Projections.Events;
using Projections.Postgres;

namespace Projections.PostgresEvents.Layout;

/// <summary>What a mapping came to in a real database: which of its columns are there, and of what kind they are.</summary>
internal sealed record EventTableLayout
{
    public required EventTableMapping Mapping { get; init; }

    /// <summary>The table's name, quoted, with its schema.</summary>
    public required string Table { get; init; }

    /// <summary>The sequence's name, quoted, with its schema.</summary>
    public required string Sequence { get; init; }

    public required uint TableOid { get; init; }

    public required uint SequenceOid { get; init; }

    public required bool StreamIsUuid { get; init; }

    /// <summary>The hash of a stream by which it is in a <see cref="StreamShare"/>, as the server makes it, for the table under the alias <c>e</c>; <c>null</c> where it would make another.</summary>
    public required string? StreamHash { get; init; }

    public required TextFormat DataFormat { get; init; }

    public required bool HasMetadata { get; init; }

    public required IReadOnlyList<string> MetadataColumns { get; init; }

    public required TextFormat MetadataFormat { get; init; }

    public required bool HasTenant { get; init; }

    public required bool HasBinaryData { get; init; }

    public required IReadOnlyList<string> LeftOutWhen { get; init; }

    /// <summary>Whether a stream's name is unique only within its tenant.</summary>
    public required bool StreamsHaveTenants { get; init; }

    /// <summary>Whether events can be found by position without reading the whole table.</summary>
    public required bool PositionIsIndexed { get; init; }

    /// <summary>Whether events can be found by their id without reading the whole table.</summary>
    public required bool IdIsIndexed { get; init; }

    /// <summary>What is known of the frequency of event types.</summary>
    public required TypeStatistics Types { get; init; }

    /// <summary>The position column, quoted, of the table under the alias <c>e</c>.</summary>
    public string Position => Column(Mapping.Position);

    /// <summary>The condition for events between two positions that the filter wants, for the table under the alias <c>e</c>.</summary>
    public string Where(long after, long upTo, EventFilter filter)
    {
        var conditions = new List<string> { $"{Position} > {after}", $"{Position} <= {upTo}" };
        conditions.AddRange(LeftOutWhen.Select(flag => $"{Column(flag)} IS NOT TRUE"));
        if (filter.Types is { } types)
        {
            conditions.Add(types.Count == 0
                ? "false"
                : $"{Column(Mapping.Type)} IN ({string.Join(", ", Types.Order(types).Select(SqlName.Literal))})");
        }

        if (filter.Category is { } category)
        {
            conditions.Add(InCategory(SqlName.Literal(category)));
        }

        if (filter.Streams is { } streams)
        {
            conditions.Add(InStreams(streams));
        }

        if (filter.Share is { IsAll: false } share && StreamHash is { } hash && (StreamIsUuid || !share.AsUuids))
        {
            // One comparison, not two: of two the planner believes that next to nothing is left, and so sorts all events instead of reading them in order.
            conditions.Add($"abs(2 * {hash}::int8 + 1 - ({share.From + share.To})) < {share.To - share.From}");
        }

        return string.Join(" AND ", conditions);
    }

    /// <summary>The condition for events of some streams, for the table under the alias <c>e</c>.</summary>
    public string InStreams(IEnumerable<StreamId> streams)
    {
        var names = streams.SelectMany(NamesOf).Select(SqlName.Literal).ToList();
        return names.Count == 0 ? "false" : $"{Column(Mapping.Stream)} IN ({string.Join(", ", names)})";
    }

    // Where streams are named by text, a UUID may have been written in any of the forms that are read as one.
    private IEnumerable<string> NamesOf(StreamId stream)
    {
        if (StreamIsUuid)
        {
            return Guid.TryParse(stream.Text, out var guid) ? [guid.ToString()] : [];
        }

        return stream.IsGuid
            ? [stream.Text, stream.Text.ToUpperInvariant(), stream.Guid.ToString("n"), stream.Guid.ToString("n").ToUpperInvariant()]
            : [stream.Text];
    }

    /// <summary>Whether types are left to the reader to pick: nearly all events are of wanted ones.</summary>
    public bool ReaderPicksTypes(EventFilter filter) => filter.Types is { } types && Types.AreNearlyAll(types);

    /// <summary>The statement that copies out those events, in order, with the columns that <see cref="Reading.EventRow"/> expects;
    /// of all types where <see cref="ReaderPicksTypes"/>.</summary>
    public string Copy(long after, long upTo, EventFilter filter) =>
        $"""
        COPY (
            SELECT {Position}::int8, {Column(Mapping.Stream)}, {Column(Mapping.StreamVersion)}::int8, {Column(Mapping.Type)},
                {Column(Mapping.Data)}, {Column(Mapping.Time)}, {MetadataSql}, {TenantSql}, {BinarySql}
            FROM {Table} AS e
            WHERE {Where(after, upTo, ReaderPicksTypes(filter) ? filter with { Types = null } : filter)}
            ORDER BY {Position}
        ) TO STDOUT (FORMAT BINARY)
        """;

    /// <summary>The condition for an event and the row of its stream, for the tables under the aliases <c>e</c> and <c>s</c>.</summary>
    public string OfStream => $"s.id = {Column(Mapping.Stream)}{(StreamsHaveTenants ? $" AND s.{SqlName.Quote(Mapping.Tenant!)} = {Column(Mapping.Tenant!)}" : "")}";

    /// <summary>The condition for a stream's row, under the alias <c>s</c>, of a category.</summary>
    public string StreamInCategory(string category) => StreamIsUuid ? $"s.type = {category}" : $"split_part(s.id, '-', 1) = {category}";

    public static string Column(string name) => $"e.{SqlName.Quote(name)}";

    // What a row has not is sent as NULL, which costs four bytes, so that all rows have the same columns.
    private string TenantSql => HasTenant ? Column(Mapping.Tenant!) : "NULL::text";

    private string BinarySql => HasBinaryData ? $"CASE WHEN {Column(Mapping.BinaryData!)} IS NOT NULL THEN true END" : "NULL::bool";

    private string MetadataSql
    {
        get
        {
            var headers = HasMetadata ? Column(Mapping.Metadata!) : "NULL::jsonb";
            if (MetadataColumns.Count == 0)
            {
                return headers;
            }

            var pairs = string.Join(", ", MetadataColumns.Select(name => $"{SqlName.Literal(name)}, {Column(name)}"));
            return $"coalesce({headers}::jsonb, '{{}}') || jsonb_strip_nulls(jsonb_build_object({pairs}))";
        }
    }

    private string InCategory(string category)
    {
        if (!StreamIsUuid)
        {
            return $"split_part({Column(Mapping.Stream)}, '-', 1) = {category}";
        }

        if (Mapping.StreamsTable is not { } streams)
        {
            throw new EventSourceUnusable(
                $"The streams of {Table} are named by UUIDs, which hold no category, and the mapping names no table of streams. "
                + "Read it without a category.");
        }

        return $"EXISTS (SELECT 1 FROM {SqlName.Quote(Mapping.Schema, streams)} AS s WHERE {OfStream} AND {StreamInCategory(category)})";
    }
}
