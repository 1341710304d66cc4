
namespace Projections.Tables;

/// <summary>What becomes of a row after a handler has changed it.</summary>
public sealed class ChangeDefinition<TRow>
{
    private readonly Action<Func<TRow, bool>> _set;

    internal ChangeDefinition(Action<Func<TRow, bool>> set) => _set = set;

    /// <summary>Deletes the row if, after the change, <paramref name="condition"/> holds for it.</summary>
    public void DeletesWhen(Func<TRow, bool> condition)
    {
        ArgumentNullException.ThrowIfNull(condition);
        _set(condition);
    }
}
