using Npgsql;
using Projections.Definitions;
using Projections.Events;
using Projections.Postgres;
using Projections.Testing;

namespace Projections.Tests.Tables;

/// <summary>A version's table in a test database, and the steps in which an engine would fill it.</summary>
internal sealed class VersionTable : IAsyncDisposable
{
    public const long NoLimit = 1L << 40;

    private readonly ProjectionVersion _version;
    private readonly NpgsqlConnection _connection;

    private VersionTable(ProjectionVersion version, NpgsqlConnection connection)
    {
        _version = version;
        _connection = connection;
    }

    public NpgsqlConnection Connection => _connection;

    public static async Task<VersionTable> CreateAsync(TestDatabase database, ProjectionVersion version)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(database.ConnectionString) { IncludeFailedBatchedCommand = true }.ConnectionString);
        await connection.OpenAsync();
        var table = new VersionTable(version, connection);
        await table.ExecuteAsync(version.Files.TableSql);
        return table;
    }

    public IVersionFold Open(
        long memoryBytes = NoLimit, bool tableIsEmpty = true, int partitions = 1, Func<RecordedEvent, CancellationToken, Task<bool>>? hasLostBeginning = null) =>
        _version.OpenFold(new FoldOptions("public", () => memoryBytes, tableIsEmpty, Partitions: partitions) { HasLostBeginning = hasLostBeginning });

    public async Task<int> FoldAsync(IVersionFold fold, params RecordedEvent[] events) =>
        await fold.FoldAsync(events, _connection, CancellationToken.None);

    /// <param name="fold">What is written.</param>
    /// <param name="look">Sees what was set aside, when an engine would keep it.</param>
    public async Task<long> CommitAsync(IVersionFold fold, Action<IReadOnlyList<SetAsideEvent>>? look = null)
    {
        await using var transaction = await _connection.BeginTransactionAsync();
        var written = await fold.WriteAsync(_connection, CancellationToken.None);
        look?.Invoke(fold.SetAside);
        await transaction.CommitAsync();
        fold.Committed();
        return written;
    }

    /// <summary>A write that does not take place.</summary>
    public async Task WriteAndRollBackAsync(IVersionFold fold)
    {
        await using var transaction = await _connection.BeginTransactionAsync();
        await fold.WriteAsync(_connection, CancellationToken.None);
        await transaction.RollbackAsync();
    }

    /// <summary>All rows as PostgreSQL shows them, in the order of their text.</summary>
    /// <param name="text">An expression over <c>t</c>, the row.</param>
    public async Task<IReadOnlyList<string>> RowsAsync(string text = "t::text")
    {
        await using var command = new NpgsqlCommand($"select row from (select {text} as row from {SqlName.Quote(_version.Id.Table)} as t) as rows order by row collate \"C\"", _connection);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<string>();
        while (await reader.ReadAsync())
        {
            rows.Add(reader.GetString(0));
        }

        return rows;
    }

    public async Task ExecuteAsync(string sql)
    {
        await using var command = new NpgsqlCommand(sql, _connection);
        await command.ExecuteNonQueryAsync();
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();
}
