using Npgsql;
using Projections.Definitions;
using Projections.Events;
using Projections.Tables;

namespace Projections.Verification;

/// <summary>
/// A version folded anew, by the same code that folds and writes the real table, into a temporary table of the same name that only
/// this session sees. It is gone with the transaction that is open on the connection.
/// </summary>
internal sealed class ScratchFold : IDisposable
{
    /// <summary>The schema of the session's temporary tables.</summary>
    public const string Schema = "pg_temp";

    private readonly NpgsqlConnection _connection;
    private readonly IVersionFold _fold;
    private readonly IReadOnlySet<EventPosition> _setAside;
    private readonly long _memoryBytes;

    private ScratchFold(NpgsqlConnection connection, ProjectionVersion definition, IVersionFold fold, IReadOnlySet<EventPosition> setAside, long memoryBytes)
    {
        _connection = connection;
        _fold = fold;
        _setAside = setAside;
        _memoryBytes = memoryBytes;
        Definition = definition;
        Relation = SqlName.Quote(Schema, definition.Id.Table);
    }

    public ProjectionVersion Definition { get; }

    /// <summary>The temporary table's name, quoted.</summary>
    public string Relation { get; }

    /// <summary>Events that could not be folded, where the version sets such events aside.</summary>
    public IReadOnlyList<SetAsideEvent> SetAside => _fold.SetAside;

    /// <summary>Whether anything was folded since the last write.</summary>
    public bool HasChanges => _fold.HasChanges;

    /// <param name="system">The system.</param>
    /// <param name="connection">Where the transaction is open.</param>
    /// <param name="definition">The version; its real table is there.</param>
    /// <param name="rows">The rows to fold, or <c>null</c> for all.</param>
    /// <param name="cancellationToken">Cancels the creation.</param>
    public static async Task<ScratchFold> CreateAsync(
        ProjectionSystem system, NpgsqlConnection connection, ProjectionVersion definition, IRowSelection? rows, CancellationToken cancellationToken)
    {
        var table = SqlName.Quote(definition.Id.Table);
        await connection.ExecuteAsync(
            $"""
            set local search_path to pg_temp, {SqlName.Quote(system.Options.Schema)};
            create temporary table {table}
                (like {SqlName.Quote(system.Options.Schema, definition.Id.Table)}
                 including defaults including constraints including generated including identity including indexes)
                on commit drop
            """,
            cancellationToken);
        var options = new FoldOptions(Schema, system.Options.FollowingRowBytes, TableIsEmpty: true);
        return new ScratchFold(
            connection,
            definition,
            rows is null ? definition.OpenFold(options) : rows.OpenFold(options),
            await ReadSetAsideAsync(connection, definition, cancellationToken),
            options.MemoryBytes);
    }

    /// <summary>Folds a batch, and writes when memory is full.</summary>
    /// <exception cref="PoisonEvent">An event cannot be folded, and the version does not set such events aside.</exception>
    public async Task FoldAsync(ReadOnlyMemory<RecordedEvent> events, CancellationToken cancellationToken)
    {
        foreach (var part in WithoutSetAside(events))
        {
            await _fold.FoldAsync(part, _connection, cancellationToken);
        }

        if (_fold.MemoryBytes > _memoryBytes)
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

        _fold.Committed();
    }

    public void Dispose() => _fold.Dispose();

    // The real fold has not counted them, although they might do no harm where only some of their rows are folded.
    private static async Task<IReadOnlySet<EventPosition>> ReadSetAsideAsync(NpgsqlConnection connection, ProjectionVersion definition, CancellationToken cancellationToken) =>
        definition.OnPoison == PoisonPolicy.Stop
            ? new HashSet<EventPosition>()
            : (await connection.QueryAsync(
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
