using System.Buffers;
using System.Data;
using System.Text;
using Npgsql;
using NpgsqlTypes;
using Projections.Definitions;
using Projections.Events;
using Projections.Feeds;
using Projections.Postgres;

namespace Projections.Catalog.Feeds;

/// <summary>
/// Finds the rows in which the two versions of a switch differ, as both were at the switch, however long ago that was. Both tables go on meanwhile. A row that neither
/// has changed since is as it was then; of one that has changed it is known what it was before (<c>feed_touched</c>), for whoever commits rows of either
/// writes that down as long as the switch waits here. So one snapshot of the tables and of that list gives the tables as they were.
/// </summary>
internal sealed class FeedDifference(ProjectionSystem system)
{
    /// <summary>Settles the oldest switch that this program can settle and nobody else does.</summary>
    /// <returns>The switch; <c>null</c> when there is none.</returns>
    public async Task<VersionId?> RunOneAsync(CancellationToken cancellationToken)
    {
        foreach (var pending in (await FindAsync(cancellationToken)).Where(pending => system.Registry.Find(pending.To)?.Rows is not null))
        {
            await using var connection = await system.ReadModels.OpenConnectionAsync(cancellationToken);
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            if (await TryLockAsync(connection, pending, cancellationToken) is { } locked)
            {
                await SettleAsync(connection, locked, cancellationToken);
                await transaction.CommitAsync(cancellationToken);
                return locked.To;
            }
        }

        return null;
    }

    /// <summary>The first of each projection.</summary>
    private async Task<List<Pending>> FindAsync(CancellationToken cancellationToken)
    {
        await using var connection = await system.Steady.OpenConnectionAsync(cancellationToken);
        return await connection.QueryAsync(
            """
            select distinct on (projection) projection, number, version, from_version, position_major, position_minor, body
            from projections.feed_entry where is_pending order by projection, number
            """,
            Read,
            cancellationToken);
    }

    private static async Task<Pending?> TryLockAsync(NpgsqlConnection connection, Pending pending, CancellationToken cancellationToken) =>
        (await connection.QueryAsync(
            """
            select projection, number, version, from_version, position_major, position_minor, body
            from projections.feed_entry where projection = $1 and number = $2 and part = 0 and is_pending for update skip locked
            """,
            Read,
            cancellationToken,
            pending.To.Projection.Value,
            pending.Number)).FirstOrDefault();

    private static Pending Read(NpgsqlDataReader row) => new(
        new VersionId(new ProjectionName(row.GetString(0)), row.GetInt32(2)), row.GetInt64(1), row.GetNullableValue<int>(3), row.GetPosition(4)!.Value, FeedSwitch.Parse(row.GetString(6)));

    private async Task SettleAsync(NpgsqlConnection connection, Pending pending, CancellationToken cancellationToken)
    {
        var definition = system.Registry.Find(pending.To)!;
        var earlier = pending.From is { } number ? system.Registry.Find(new VersionId(pending.To.Projection, number)) : null;
        var columns = earlier?.Rows is null ? null : FeedColumns.Of(earlier, definition, pending.Switch.Columns);
        var isCompared = columns is not null;
        var parts = new Parts(connection, pending);
        await using (var reading = await system.ReadModels.OpenConnectionAsync(cancellationToken))
        await using (await reading.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken))
        {
            var sql = new FeedDifferenceSql(system.Options.Schema, definition, isCompared ? earlier : null, columns);
            await AddWrittenDownAsync(reading, sql.Changed, pending, parts, cancellationToken);
            await AddRowsAsync(reading, sql.Rows, pending, definition, parts, isGone: false, cancellationToken);
            if (isCompared)
            {
                await AddRowsAsync(reading, sql.Gone, pending, earlier!, parts, isGone: true, cancellationToken);
                await AddWrittenDownAsync(reading, sql.GoneSince, pending, parts, cancellationToken);
            }
        }

        await parts.EndAsync(cancellationToken);
        await connection.ExecuteAsync(
            "update projections.feed_entry set is_pending = false, body = $3 where projection = $1 and number = $2 and part = 0",
            cancellationToken,
            pending.To.Projection.Value,
            pending.Number,
            (pending.Switch with { Clear = !isCompared }).ToString());
        await connection.ExecuteAsync(
            "delete from projections.feed_touched where projection = $1 and number = $2", cancellationToken, pending.To.Projection.Value, pending.Number);
        await FeedPublication.SignalAsync(connection, pending.To.Projection, cancellationToken);
    }

    /// <summary>Rows as it was written down that they were: key, and row, if there was one.</summary>
    private static async Task AddWrittenDownAsync(NpgsqlConnection reading, string sql, Pending pending, Parts parts, CancellationToken cancellationToken)
    {
        await using var command = Command(reading, sql, pending);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            await parts.AddAsync($"{{\"key\":{reader.GetString(0)},\"after\":{reader.GetNullable<string>(1) ?? "null"}}}", cancellationToken);
        }
    }

    private static async Task AddRowsAsync(
        NpgsqlConnection reading, string sql, Pending pending, ProjectionVersion definition, Parts parts, bool isGone, CancellationToken cancellationToken)
    {
        var rows = definition.Rows!.AsJson(pending.Switch.Columns);
        var writer = new ChangeWriter(rows);
        await using var command = Command(reading, sql, pending);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            writer.Write(parts.Next(), rows.Read(reader), isGone);
            await parts.AddedAsync(cancellationToken);
        }
    }

    private static NpgsqlCommand Command(NpgsqlConnection reading, string sql, Pending pending) => new(sql, reading)
    {
        Parameters =
        {
            new() { Value = pending.To.Projection.Value }, new() { Value = pending.Number }, new() { Value = pending.To.Number },
            new() { Value = pending.From ?? (object)DBNull.Value, NpgsqlDbType = NpgsqlDbType.Integer },
        },
        CommandTimeout = 0,
    };

    /// <summary>A switch that waits to be settled.</summary>
    private sealed record Pending(VersionId To, long Number, int? From, EventPosition Position, FeedSwitch Switch);

    /// <summary>The entries that follow the switch.</summary>
    private sealed class Parts(NpgsqlConnection connection, Pending pending)
    {
        private readonly ChangeLines _lines = new();
        private int _part;

        /// <summary>Where the next row is to be written, to be followed by <see cref="AddedAsync"/>.</summary>
        public IBufferWriter<byte> Next() => _lines.Next(pending.Position);

        public Task AddedAsync(CancellationToken cancellationToken) => _lines.Rows == ChangeLines.RowsOfTable ? FlushAsync(cancellationToken) : Task.CompletedTask;

        public Task AddAsync(string row, CancellationToken cancellationToken)
        {
            Encoding.UTF8.GetBytes(row, Next());
            return AddedAsync(cancellationToken);
        }

        public async Task EndAsync(CancellationToken cancellationToken)
        {
            if (_lines.Rows > 0)
            {
                await FlushAsync(cancellationToken);
            }

            await InsertAsync(FeedEntryKind.Settled, 0, ChangeLines.Settled(pending.Position, pending.To.Number), cancellationToken);
        }

        private Task FlushAsync(CancellationToken cancellationToken)
        {
            var part = _lines.Take();
            return InsertAsync(FeedEntryKind.Rows, part.Rows, Encoding.UTF8.GetString(part.Lines.Span), cancellationToken);
        }

        private async Task InsertAsync(string kind, int rows, string body, CancellationToken cancellationToken) =>
            await connection.ExecuteAsync(
                """
                insert into projections.feed_entry (projection, number, part, kind, version, position_major, position_minor, rows, body)
                values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
                """,
                cancellationToken,
                pending.To.Projection.Value, pending.Number, ++_part, kind, pending.To.Number, pending.Position.Major, pending.Position.Minor, rows, body);
    }
}
