using Projections.Definitions;
using Projections.Events;

namespace Projections.Testing.Folding;

/// <summary>Where a version's events are folded: a table, and the worker that writes it. The calls come as an engine makes them.</summary>
internal interface IFoldGround
{
    /// <summary>The names of the table's columns, in the order of <see cref="FoundRow.Columns"/>.</summary>
    IReadOnlyList<string> Columns { get; }

    /// <summary>Events set aside since the last commit.</summary>
    IReadOnlyList<SetAsideEvent> SetAside { get; }

    /// <summary>Takes all rows out of the table.</summary>
    ValueTask EmptyAsync();

    /// <summary>A worker starts; what another had in memory is gone.</summary>
    /// <param name="tableIsEmpty">Whether nothing has been committed, so that a row that is not in memory is nowhere.</param>
    void Open(bool tableIsEmpty);

    /// <summary>Folds a batch.</summary>
    /// <exception cref="PoisonEvent">The version stops.</exception>
    ValueTask FoldAsync(RecordedEvent[] batch);

    /// <summary>Writes what was folded to the table.</summary>
    /// <exception cref="PoisonEvent">The version stops.</exception>
    ValueTask CommitAsync();

    /// <summary>Drops what is in memory. What was committed is loaded again when it is needed.</summary>
    void Forget();

    /// <summary>All rows of the table.</summary>
    ValueTask<IReadOnlyList<FoundRow>> ReadAsync();
}
