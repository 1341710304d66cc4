using Npgsql;
using Projections.Catalog;
using Projections.Definitions;
using Projections.Events;
using Projections.Postgres;
using Projections.Tables;

namespace Projections.Replay;

/// <summary>
/// A version folded anew, by the same code that folds and writes the real table, into a temporary table of the same name that only
/// this session sees. It is gone with the transaction that is open on the connection.
/// </summary>
internal sealed class ScratchFold : IDisposable
{
    private readonly NpgsqlConnection _connection;
    private readonly IVersionFold _fold;
    private readonly IReadOnlySet<EventPosition> _setAside;
    private readonly Func<long> _memoryBytes;
    private readonly Action<SetAsideEvent>? _onSetAside;

    private ScratchFold(
        NpgsqlConnection connection, ProjectionVersion definition, IVersionFold fold, IReadOnlySet<EventPosition> setAside, Func<long> memoryBytes, Action<SetAsideEvent>? onSetAside)
    {
        _onSetAside = onSetAside;
        _connection = connection;
        _fold = fold;
        _setAside = setAside;
        _memoryBytes = memoryBytes;
        Definition = definition;
        Relation = SqlName.Quote(RehearsedTable.Temporary, definition.Id.Table);
    }

    public ProjectionVersion Definition { get; }

    /// <summary>The temporary table's name, quoted.</summary>
    public string Relation { get; }

    /// <summary>Events that could not be folded, where the version sets such events aside.</summary>
    public IReadOnlyList<SetAsideEvent> SetAside => _fold.SetAside;

    /// <summary>Whether anything was folded since the last write.</summary>
    public bool HasChanges => _fold.HasChanges;

    /// <summary>Opens a fold of a version whose real table is there.</summary>
    /// <param name="system">The system.</param>
    /// <param name="connection">Where the transaction is open.</param>
    /// <param name="definition">The version.</param>
    /// <param name="rows">The rows to fold, or <c>null</c> for all.</param>
    /// <param name="cancellationToken">Cancels the creation.</param>
    /// <param name="onSetAside">Told of each event that cannot be folded and was not set aside before.</param>
    /// <param name="watch">Told what events do to rows.</param>
    public static async Task<ScratchFold> CreateAsync(
        ProjectionSystem system,
        NpgsqlConnection connection,
        ProjectionVersion definition,
        IRowSelection? rows,
        CancellationToken cancellationToken,
        Action<SetAsideEvent>? onSetAside = null,
        IRowWatch? watch = null)
    {
        await RehearsedTable.ShadowAsync(system, connection, RehearsedTable.Temporary, cancellationToken);
        await connection.ExecuteAsync(RehearsedTable.CopyOf(system.Options.Schema, definition.Id.Table), cancellationToken);
        var options = new FoldOptions(RehearsedTable.Temporary, () => ProjectionsOptions.ScratchRowBytes, TableIsEmpty: true) { HasLostBeginning = system.Source.HasLostBeginningAsync, Watch = watch };
        var setAside = await ReadSetAsideAsync(connection, definition, cancellationToken);
        return new ScratchFold(connection, definition, rows?.OpenFold(options) ?? definition.OpenFold(options), setAside, options.MemoryBytes, onSetAside);
    }

    /// <summary>Opens a fold of a version that may never have been built, which goes on whatever it meets.</summary>
    /// <param name="system">The system.</param>
    /// <param name="connection">Where the transaction is open; it must be rolled back.</param>
    /// <param name="definition">The version.</param>
    /// <param name="onSetAside">Told of each event that cannot be folded.</param>
    /// <param name="cancellationToken">Cancels the creation.</param>
    /// <exception cref="PostgresException"><c>table.sql</c> fails.</exception>
    public static async Task<ScratchFold> RehearseAsync(
        ProjectionSystem system, NpgsqlConnection connection, ProjectionVersion definition, Action<SetAsideEvent> onSetAside, CancellationToken cancellationToken)
    {
        var table = await RehearsedTable.CreateAsync(system, connection, definition, cancellationToken);
        if (table.Kind == TableKind.Distributed)
        {
            await RehearsedTable.MakeLocalAsync(system, connection, definition, table, cancellationToken);
        }

        var options = new FoldOptions(RehearsedTable.Temporary, () => system.ReplayMemory.Share, TableIsEmpty: true, PoisonPolicy.SetAside) { HasLostBeginning = system.Source.HasLostBeginningAsync };
        return new ScratchFold(connection, definition, definition.OpenFold(options), new HashSet<EventPosition>(), options.MemoryBytes, onSetAside);
    }

    /// <summary>Folds a batch, and writes when memory is full.</summary>
    /// <exception cref="PoisonEvent">An event cannot be folded, and the version does not set such events aside.</exception>
    public async Task FoldAsync(ReadOnlyMemory<RecordedEvent> events, CancellationToken cancellationToken)
    {
        foreach (var part in WithoutSetAside(events))
        {
            await _fold.FoldAsync(part, _connection, cancellationToken);
        }

        if (_fold.MemoryBytes > _memoryBytes())
        {
            await WriteAsync(cancellationToken);
        }
    }

    public async Task WriteAsync(CancellationToken cancellationToken)
    {
        if (_fold.HasChanges)
        {
            await _fold.WriteAsync(_connection, cancellationToken);
        }

        foreach (var e in _onSetAside is null ? [] : _fold.SetAside)
        {
            _onSetAside!(e);
        }

        _fold.Committed();
    }

    public void Dispose() => _fold.Dispose();

    // The real fold has not counted them, although they might do no harm where only some of their rows are folded.
    private static async Task<IReadOnlySet<EventPosition>> ReadSetAsideAsync(NpgsqlConnection connection, ProjectionVersion definition, CancellationToken cancellationToken) =>
        (await connection.QueryAsync(
            "select position_major, position_minor from projections.dead_letter where projection = $1 and number = $2 and status <> 'resolved'",
            row => row.GetPosition(0)!.Value,
            cancellationToken,
            definition.Id.Projection.Value,
            definition.Id.Number)).ToHashSet();

    private IEnumerable<ReadOnlyMemory<RecordedEvent>> WithoutSetAside(ReadOnlyMemory<RecordedEvent> events)
    {
        var start = 0;
        for (var i = 0; _setAside.Count > 0 && i < events.Length; i++)
        {
            if (_setAside.Contains(events.Span[i].Position))
            {
                yield return events[start..i];
                start = i + 1;
            }
        }

        yield return events[start..];
    }
}
