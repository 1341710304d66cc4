
namespace Projections.Tables;

/// <summary>What an update or a delete does when there is no row of its key. There is no default: it must be said.</summary>
public enum WhenMissing
{
    /// <summary>The event is poison: history promises a row, so something is wrong.</summary>
    Fail,

    /// <summary>The handler does nothing: the event may well concern a row that was never made or is gone.</summary>
    Skip,
}

/// <summary>What a create does when there is a row of its key already.</summary>
public enum WhenPresent
{
    /// <summary>The event is poison. The default.</summary>
    Fail,

    /// <summary>A new row takes the place of the old one.</summary>
    Replace,
}
