using System.Data;
using System.Runtime.CompilerServices;
using System.Text;
using Npgsql;
using Projections.Definitions;
using Projections.Events;
using Projections.Feeds;
using Projections.Postgres;

namespace Projections.Catalog.Feeds;

/// <summary>All rows that readers see, in one snapshot with the place in the feed from which on it is told what becomes of them.</summary>
internal sealed class FeedSnapshot(ProjectionSystem system, ProjectionName projection)
{
    /// <summary>Where the feed goes on; known when all was read.</summary>
    public FeedCursor End { get; private set; }

    /// <exception cref="FeedOff">There is no feed.</exception>
    public async IAsyncEnumerable<FeedMessage> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var connection = await system.ReadModels.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        var place = await FindAsync(connection, cancellationToken) ?? throw new FeedOff(projection);
        var definition = system.Registry.Find(new VersionId(projection, place.Version));
        var rows = definition?.Rows ?? throw new InvalidOperationException($"{projection} v{place.Version} is live, and {system.Registry.WhyMissing(new VersionId(projection, place.Version))}");
        var view = SqlName.Quote(system.Options.Schema, projection.Value);
        var columns = await ColumnsAsync(connection, view, cancellationToken);
        var told = FeedSwitch.AllOf(definition.Id, definition, place.Position, columns);
        yield return new FeedMessage(FeedMessageKind.Snapshot, null, Encoding.UTF8.GetBytes(told.ToString()));

        await foreach (var line in LinesAsync(connection, definition, rows.AsJson(columns), place.Position, cancellationToken))
        {
            yield return new FeedMessage(FeedMessageKind.Rows, null, line);
        }

        End = place.Cursor;
        yield return new FeedMessage(FeedMessageKind.Settled, End, Encoding.UTF8.GetBytes(ChangeLines.Settled(place.Position, place.Version)));
    }

    private async IAsyncEnumerable<ReadOnlyMemory<byte>> LinesAsync(
        NpgsqlConnection connection, ProjectionVersion definition, IRowJson rows, EventPosition position, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var writer = new ChangeWriter(rows);
        var lines = new ChangeLines();
        var names = string.Join(", ", definition.Columns!.Select(column => SqlName.Quote(column.Name)));
        await using var command = new NpgsqlCommand($"select {names} from {SqlName.Quote(system.Options.Schema, definition.Id.Table)}", connection) { CommandTimeout = 0 };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            writer.Write(lines.Next(position), rows.Read(reader));
            if (lines.Rows == ChangeLines.RowsOfTable)
            {
                yield return lines.Take().Lines;
            }
        }

        if (lines.Rows > 0)
        {
            yield return lines.Take().Lines;
        }
    }

    private async Task<Place?> FindAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        (await connection.QueryAsync(
            """
            select v.number, v.position_major, v.position_minor, (select max(number) from projections.feed_entry where projection = $1)
            from projections.feed f join projections.version v on v.projection = f.projection and v.role = 'live'
            where f.projection = $1 and f.is_on
            """,
            // Behind the rows of a switch, too, that are not found yet: the snapshot has them.
            row => new Place(row.GetInt32(0), row.GetPosition(1)!.Value, FeedCursor.Behind(row.GetInt64(3))),
            cancellationToken,
            projection.Value)).FirstOrDefault();

    private static async Task<IReadOnlyList<string>> ColumnsAsync(NpgsqlConnection connection, string view, CancellationToken cancellationToken) =>
        await connection.QueryAsync(
            "select attname::text from pg_catalog.pg_attribute where attrelid = to_regclass($1) and attnum > 0 and not attisdropped order by attnum",
            row => row.GetString(0),
            cancellationToken,
            view);

    private sealed record Place(int Version, EventPosition Position, FeedCursor Cursor);
}
