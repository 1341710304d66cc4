using Npgsql;
using Projections.Definitions;
using Projections.Events;
using Projections.Postgres;
using Projections.Tables;
using Projections.Testing.Folding;
using Projections.Testing.Specs;

namespace Projections.Testing.Postgres;

/// <summary>Folds into the version's own table, which <c>table.sql</c> and <c>indexes.sql</c> make in a schema of a spec's own.</summary>
internal sealed class PostgresGround<TKey, TRow> : IFoldGround, IAsyncDisposable
{
    private readonly SpecSubject<TKey, TRow> _subject;
    private readonly NpgsqlConnection _connection;
    private readonly string _schema;
    private readonly GivenBeginnings _beginnings = new();
    private IVersionFold? _fold;
    private int _keyColumns;
    private string _select = "";

    private PostgresGround(SpecSubject<TKey, TRow> subject, NpgsqlConnection connection, string schema)
    {
        _subject = subject;
        _connection = connection;
        _schema = schema;
    }

    public IReadOnlyList<string> Columns { get; private set; } = [];

    public IReadOnlyList<SetAsideEvent> SetAside { get; private set; } = [];

    private ProjectionVersion Version => _subject.Version;

    private string Table => SqlName.Quote(_schema, Version.Id.Table);

    /// <exception cref="ProjectionSpecFailed">The version's files do not make the table that its row type asks for.</exception>
    public static async Task<PostgresGround<TKey, TRow>> CreateAsync(SpecSubject<TKey, TRow> subject, string connectionString, CancellationToken cancellationToken)
    {
        // Says which row's statement failed, as the connections of the program do. Not pooled: the search path is this spec's own.
        var settings = new NpgsqlConnectionStringBuilder(connectionString) { IncludeFailedBatchedCommand = true, Pooling = false };
        var ground = new PostgresGround<TKey, TRow>(subject, new NpgsqlConnection(settings.ConnectionString), $"projections_spec_{Guid.NewGuid():n}");
        try
        {
            await ground._connection.OpenAsync(cancellationToken);
            await ground.CreateTableAsync(cancellationToken);
            return ground;
        }
        catch
        {
            await ground.DisposeAsync();
            throw;
        }
    }

    public async ValueTask EmptyAsync()
    {
        await ExecuteAsync($"truncate table {Table}", CancellationToken.None);
        _beginnings.Clear();
    }

    public void Open(bool tableIsEmpty)
    {
        _fold?.Dispose();
        _fold = Version.OpenFold(new FoldOptions(_schema, static () => long.MaxValue, tableIsEmpty) { HasLostBeginning = _beginnings.AreLostAsync });
    }

    public async ValueTask FoldAsync(RecordedEvent[] batch)
    {
        _beginnings.Note(batch);
        await _fold!.FoldAsync(batch, _connection, CancellationToken.None);
    }

    public async ValueTask CommitAsync()
    {
        await using var transaction = await _connection.BeginTransactionAsync();
        await _fold!.WriteAsync(_connection, CancellationToken.None);
        SetAside = [.. _fold.SetAside];
        await transaction.CommitAsync();
        _fold.Committed();
    }

    public void Forget() => _fold!.Forget();

    public async ValueTask<IReadOnlyList<FoundRow>> ReadAsync()
    {
        await using var command = new NpgsqlCommand(_select, _connection);
        await using var reader = await command.ExecuteReaderAsync();
        return await _subject.ReadAsync(reader, _keyColumns, CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        _fold?.Dispose();
        if (_connection.State == System.Data.ConnectionState.Open)
        {
            await ExecuteAsync($"drop schema if exists {SqlName.Quote(_schema)} cascade", CancellationToken.None);
        }

        await _connection.DisposeAsync();
    }

    private async Task CreateTableAsync(CancellationToken cancellationToken)
    {
        var errors = await TableContract.FindErrorsAsync(_connection, [Version], cancellationToken);
        if (errors.Count > 0)
        {
            throw new ProjectionSpecFailed(string.Join("\n", errors));
        }

        await ExecuteAsync($"create schema {SqlName.Quote(_schema)}; set search_path to {SqlName.Quote(_schema)}, public", cancellationToken);
        await ExecuteAsync(Version.Files.TableSql, cancellationToken);
        if (Version.Files.IndexesSql is { } indexes)
        {
            await ExecuteAsync(indexes, cancellationToken);
        }

        // As the row type has them where there is one, so that its reader can read them; else those of the key first.
        var shape = await TableShapes.ReadAsync(_connection, _schema, Version.Id.Table, cancellationToken);
        var columns = Version.Columns ?? [.. shape!.Columns.OrderBy(column => column.KeyOrdinal == 0 ? int.MaxValue : column.KeyOrdinal)];
        _keyColumns = columns.Count(column => column.KeyOrdinal > 0);
        Columns = [.. columns.Select(column => column.Name)];
        _select = $"select {string.Join(", ", Columns.Select(SqlName.Quote))} from {Table}";
    }

    private async Task ExecuteAsync(string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, _connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
