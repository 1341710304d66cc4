namespace Projections.Tables;

/// <summary>What is known about a row in memory and what is to be done with it at the next write.</summary>
[Flags]
internal enum RowState : byte
{
    None = 0,

    /// <summary>The row was in the table at the last commit. Without it the row is known not to be there.</summary>
    InTable = 1,

    /// <summary>Changed since the last commit, and listed for the next write.</summary>
    Changed = 2,

    /// <summary>The slot belongs to a key; without it, it is free.</summary>
    Taken = 4,
}
