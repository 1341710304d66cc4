using System.Runtime.InteropServices;
using Npgsql;
using Projections.Definitions;
using Projections.Events;

namespace Projections.Tables;

/// <summary>
/// Folds events into the rows of a table: in one partition or, where the key of each row is the stream of its events, in several at
/// the same time. What matters is the order of a row's events, and those are all in one partition.
/// </summary>
internal sealed class TableFold<TKey, TRow> : IVersionFold
    where TKey : notnull
    where TRow : class, new()
{
    private readonly FoldOptions _options;
    private readonly FoldPartition<TKey, TRow>[] _partitions;
    private readonly RowLoader<TKey, TRow> _loader;
    private readonly RowWriter<TKey, TRow> _writer;

    /// <param name="version">The version whose rows they are.</param>
    /// <param name="mapping">Row and table.</param>
    /// <param name="declaration">What is done with which events.</param>
    /// <param name="options">How the fold is opened.</param>
    /// <param name="only">The only keys whose rows are folded, or <c>null</c> for all.</param>
    public TableFold(
        ProjectionVersion version,
        RowMapping<TKey, TRow> mapping,
        TableDeclaration<TKey, TRow> declaration,
        FoldOptions options,
        IReadOnlySet<TKey>? only = null)
    {
        var statements = new TableStatements(options.Schema, version.Id.Table, mapping.Columns, [.. mapping.Key.Select(part => part.Column)]);
        var kind = new KindOfTable(statements.Table);
        var share = options.Share ?? StreamShare.All(declaration.HasUuids);
        var count = declaration.IsByStream ? options.Partitions : 1;
        _options = options;
        _loader = new RowLoader<TKey, TRow>(mapping, statements, kind);
        _partitions =
        [
            .. share.Split(count).Select(part => new FoldPartition<TKey, TRow>(version, mapping, declaration.CreateRoutes(), _loader, part, options, only)),
        ];
        _writer = new RowWriter<TKey, TRow>(mapping, statements, kind, [.. _partitions.Select(partition => partition.Rows)])
        {
            // What others write to the same table must not be emptied.
            TableIsEmpty = options is { TableIsEmpty: true, Share: null },
            IndexWorkers = options.IndexWorkers,
        };
    }

    public long MemoryBytes => _partitions.Sum(partition => partition.MemoryBytes);

    public bool HasChanges => Array.Exists(_partitions, partition => partition.Rows.HasChanges);

    public IReadOnlyList<SetAsideEvent> SetAside => _partitions.Length == 1
        ? _partitions[0].SetAside
        : [.. _partitions.SelectMany(partition => partition.SetAside).OrderBy(aside => aside.Position)];

    public ValueTask<int> FoldAsync(ReadOnlyMemory<RecordedEvent> events, NpgsqlConnection connection, CancellationToken cancellationToken, DecodedEvents? decoded = null)
    {
        var batch = MemoryMarshal.TryGetArray(events, out var segment) ? segment : new ArraySegment<RecordedEvent>(events.ToArray());
        return _partitions.Length == 1
            ? _partitions[0].FoldAsync(batch, connection, cancellationToken, decoded)
            : FoldSideBySideAsync(batch, connection, decoded, cancellationToken);
    }

    public Task<long> WriteAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        _writer.WriteAsync(connection, cancellationToken);

    public bool TryAddTo(NpgsqlBatch batch) => _writer.TryAdd(batch);

    public void Committed()
    {
        _writer.TableIsEmpty = false;
        var memory = _options.MemoryBytes() / _partitions.Length;
        foreach (var partition in _partitions)
        {
            partition.Committed(memory);
        }
    }

    public void Forget()
    {
        _writer.TableIsEmpty = false;
        foreach (var partition in _partitions)
        {
            partition.Forget();
        }
    }

    public void Dispose()
    {
        _loader.Dispose();
        foreach (var partition in _partitions)
        {
            partition.Rows.Clear();
        }
    }

    private async ValueTask<int> FoldSideBySideAsync(ArraySegment<RecordedEvent> batch, NpgsqlConnection connection, DecodedEvents? decoded, CancellationToken cancellationToken)
    {
        var folding = Array.ConvertAll(_partitions, partition => Task.Run(() => partition.FoldAsync(batch, connection, cancellationToken, decoded).AsTask(), CancellationToken.None));
        await ((Task)Task.WhenAll(folding)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        // Each partition stops at its own first poison; the first of all is what a single one would have stopped at.
        var poison = folding.Select(task => task.Exception?.InnerException).OfType<PoisonEvent>().MinBy(found => found.Position);
        var handled = 0;
        foreach (var task in folding)
        {
            handled += poison is null || !task.IsFaulted ? await task : throw poison;
        }

        return handled;
    }
}
