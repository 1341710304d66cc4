using Npgsql;
using Projections.Events;

namespace Projections.Definitions;

/// <summary>
/// The rows of a version one by one. A row depends on nothing but the events that are for it, in order, so a few rows can be
/// folded by themselves. Keys are given as PostgreSQL's text for each key column, in the key's order.
/// </summary>
internal interface IRowAccess
{
    /// <summary>Chooses rows by their keys, whether they are in the table or not.</summary>
    /// <exception cref="PostgresException">A text is no value of its column's type.</exception>
    Task<IRowSelection> SelectAsync(NpgsqlConnection connection, IReadOnlyList<string[]> keys, CancellationToken cancellationToken);

    /// <summary>The rows as JSON.</summary>
    /// <param name="shown">The names of the columns that readers see; <c>null</c> for all.</param>
    IRowJson AsJson(IReadOnlyCollection<string>? shown);

    /// <summary>The keys of the rows that events are for. Events that cannot be decoded count as being for none.</summary>
    Task<IReadOnlyList<string[]>> KeysOfAsync(NpgsqlConnection connection, ReadOnlyMemory<RecordedEvent> events, CancellationToken cancellationToken);
}

/// <summary>Some rows of a version.</summary>
internal interface IRowSelection
{
    /// <summary>The streams that hold all events of the rows, or <c>null</c> when they may be anywhere.</summary>
    IReadOnlyCollection<StreamId>? Streams { get; }

    /// <summary>Opens a fold of these rows alone; what events do to others is left out.</summary>
    IVersionFold OpenFold(FoldOptions options);
}
