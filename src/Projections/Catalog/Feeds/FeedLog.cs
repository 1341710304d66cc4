using Npgsql;
using NpgsqlTypes;
using Projections.Definitions;
using Projections.Feeds;
using Projections.Postgres;

namespace Projections.Catalog.Feeds;

/// <summary>
/// Writes captured changes, in the transaction that commits the rows and behind the statements that move the checkpoints: those lock the versions' rows, so that
/// nobody switches reads meanwhile, and numbers are drawn in the order of the commits. Which version is live is asked there and then.
/// </summary>
internal static class FeedLog
{
    private const string Add =
        $$"""
        with entry as (
            insert into projections.feed_entry (projection, kind, version, position_major, position_minor, rows, body)
            select $1, $3, $2, $4, $5, $6, $7
            from projections.feed f join projections.version me on me.projection = $1 and me.number = $2 and me.role = 'live'
            where f.projection = $1 and f.is_on
            returning 1),
        touched as (
            insert into projections.feed_touched (projection, number, version, key, before)
            select $1, m.number, $2, c ->> 'key', c ->> 'before'
            from projections.feed_entry m, string_to_table($7, E'\n') as line, json_array_elements(line::json -> 'changes') as c
            where m.projection = $1 and m.is_pending and $2 in (m.version, m.from_version)
            -- As it was at the switch: before its first change since.
            on conflict do nothing)
        select pg_notify('{{FeedPublication.Channel}}', '') from entry, projections.feed_publication where projection = $1
        """;

    /// <summary>The statements that write what events have done to a version's rows.</summary>
    /// <exception cref="UnstorableValue">A row has no JSON.</exception>
    public static IEnumerable<NpgsqlBatchCommand> Statements(VersionId version, FeedCapture capture)
    {
        foreach (var part in capture.Parts())
        {
            yield return new NpgsqlBatchCommand(Add)
            {
                Parameters =
                {
                    new NpgsqlParameter<string> { TypedValue = version.Projection.Value },
                    new NpgsqlParameter<int> { TypedValue = version.Number },
                    new NpgsqlParameter<string> { TypedValue = capture.IsCorrection ? FeedEntryKind.Correction : FeedEntryKind.Changes },
                    new NpgsqlParameter<long> { TypedValue = part.Position.Major },
                    new NpgsqlParameter<long> { TypedValue = part.Position.Minor },
                    new NpgsqlParameter<int> { TypedValue = part.Rows },
                    new NpgsqlParameter<ReadOnlyMemory<byte>> { TypedValue = part.Lines, NpgsqlDbType = NpgsqlDbType.Text },
                },
            };
        }
    }

    /// <summary>The same in the transaction that is open on <paramref name="connection"/>.</summary>
    public static async Task AddAsync(NpgsqlConnection connection, VersionId version, FeedCapture? capture, CancellationToken cancellationToken)
    {
        if (capture is null or { IsEmpty: true })
        {
            return;
        }

        await using var batch = new NpgsqlBatch(connection);
        foreach (var statement in Statements(version, capture))
        {
            batch.BatchCommands.Add(statement);
        }

        if (batch.BatchCommands.Count > 0)
        {
            await batch.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    /// <summary>Appends an entry that is no change of a row.</summary>
    /// <returns>Its number.</returns>
    public static async Task<long> AddAsync(NpgsqlConnection connection, string kind, VersionId version, Events.EventPosition position, string body, CancellationToken cancellationToken) =>
        await connection.ScalarAsync<long>(
            """
            insert into projections.feed_entry (projection, kind, version, position_major, position_minor, rows, body)
            values ($1, $2, $3, $4, $5, 0, $6) returning number
            """,
            cancellationToken,
            version.Projection.Value, kind, version.Number, position.Major, position.Minor, body);
}

/// <summary>What an entry of a feed holds, as it stands in the table.</summary>
internal static class FeedEntryKind
{
    /// <summary>The feed was started; nothing before it is known.</summary>
    public const string Start = "start";

    /// <summary>What events have done to rows, in their turn.</summary>
    public const string Changes = "changes";

    /// <summary>What was done to rows out of turn: late events, dead letters that were retried, repairs.</summary>
    public const string Correction = "correction";

    /// <summary>Readers see another version.</summary>
    public const string Switched = "switched";

    /// <summary>Rows in which the two versions differ.</summary>
    public const string Rows = "rows";

    /// <summary>That was all of them.</summary>
    public const string Settled = "settled";
}
