namespace Projections.Switching.Queries;

/// <summary>What is wrong with a statement behind another version.</summary>
internal enum QueryTrouble
{
    /// <summary>It cannot be planned: a column is gone, a type does not fit.</summary>
    Fails,

    /// <summary>It reads the whole table, where it found its rows by an index.</summary>
    Scans,

    /// <summary>The planner expects it to cost at least twice as much.</summary>
    Grows,
}

/// <summary>A statement of readers that is worse off behind another version.</summary>
/// <param name="Query">The statement.</param>
/// <param name="Calls">How often it was sent since the database began to count; 0 when that is not known.</param>
/// <param name="Trouble">In which way.</param>
/// <param name="Problem">What was found, in a sentence.</param>
internal sealed record QueryFinding(string Query, long Calls, QueryTrouble Trouble, string Problem);

/// <summary>What becomes of readers' statements behind another version.</summary>
/// <param name="Planned">How many were planned behind both.</param>
/// <param name="Findings">Those that are worse off, the most frequent first.</param>
/// <param name="PreparedAnew">Those of the others that return other columns, or columns of another type: a session that has prepared one gets the error "cached plan must not
/// change result type" until it prepares it anew.</param>
/// <param name="NotPlanned">Those that cannot be planned behind the live version either, as they were told apart from their values, with the reason.</param>
internal sealed record QueryReport(int Planned, IReadOnlyList<QueryFinding> Findings, IReadOnlyList<ReadersQuery> PreparedAnew, IReadOnlyList<string> NotPlanned);
