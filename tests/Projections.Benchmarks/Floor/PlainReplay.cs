using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Npgsql;
using NpgsqlTypes;
using Projections.Benchmarks.Store;
using Projections.ReadModels.Invoicing;

namespace Projections.Benchmarks.Floor;

/// <summary>
/// The floor: what one thread takes that just copies the events out, decodes and folds them, and copies the rows in, with none of
/// the engine's promises. As plain as somebody would write it who knows Npgsql well.
/// </summary>
/// <typeparam name="TKey">What identifies a row.</typeparam>
/// <typeparam name="TRow">The row.</typeparam>
internal abstract class PlainReplay<TKey, TRow>
    where TKey : notnull
{
    /// <summary>The table that it fills.</summary>
    public abstract string Table { get; }

    protected Dictionary<TKey, TRow> Rows { get; } = [];

    protected abstract string CreateTableSql { get; }

    protected abstract string CreateIndexesSql { get; }

    /// <summary>Does it all, and returns how long it took.</summary>
    public TimeSpan Run(BenchmarkDatabase database)
    {
        using var connection = database.Sql.OpenConnection();
        Execute(connection, $"drop table if exists {Table}");
        Rows.Clear();
        var began = Stopwatch.GetTimestamp();
        Execute(connection, CreateTableSql);
        Read(connection);
        Write(connection);
        Execute(connection, CreateIndexesSql);
        return Stopwatch.GetElapsedTime(began);
    }

    protected abstract void Fold(Guid stream, long version, string type, byte[] data, DateTime time);

    protected abstract void Write(NpgsqlBinaryImporter copy, TRow row);

    protected static T Decode<T>(byte[] data, JsonTypeInfo<T> shape) => JsonSerializer.Deserialize(data, shape)!;

    protected static InvoicingJson Json => InvoicingJson.Default;

    private void Read(NpgsqlConnection connection)
    {
        using var copy = connection.BeginBinaryExport(
            $"copy (select seq_id, stream_id, version, type, data, timestamp from {BenchmarkDatabase.EventTable} order by seq_id) to stdout (format binary)");
        while (copy.StartRow() >= 0)
        {
            copy.Read<long>(NpgsqlDbType.Bigint);
            var stream = copy.Read<Guid>(NpgsqlDbType.Uuid);
            var version = copy.Read<long>(NpgsqlDbType.Bigint);
            var type = copy.Read<string>(NpgsqlDbType.Varchar);
            var data = copy.Read<byte[]>(NpgsqlDbType.Jsonb);
            var time = copy.Read<DateTime>(NpgsqlDbType.TimestampTz);
            Fold(stream, version, type, data, time);
        }
    }

    private void Write(NpgsqlConnection connection)
    {
        using var copy = connection.BeginBinaryImport($"copy {Table} from stdin (format binary)");
        foreach (var row in Rows.Values)
        {
            copy.StartRow();
            Write(copy, row);
        }

        copy.Complete();
    }

    private static void Execute(NpgsqlConnection connection, string sql)
    {
        using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        command.ExecuteNonQuery();
    }
}
