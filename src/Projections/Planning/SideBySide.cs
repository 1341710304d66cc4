using Projections.Definitions;
using Projections.Events;
using Projections.Switching;
using Projections.Switching.Queries;
using Projections.Verification;

namespace Projections.Planning;

/// <summary>The live version beside one that reads may go to, and who reads: what is to be known before a switch.</summary>
/// <param name="Projection">The projection.</param>
/// <param name="Live">The version that is live.</param>
/// <param name="Other">The other one.</param>
/// <param name="Change">What a switch would do to the read name's columns.</param>
/// <param name="Compared">How their rows last compared, of the tables as they are now; <c>null</c> when they were not compared.</param>
/// <param name="Sessions">Who reads at this moment.</param>
/// <param name="SessionsAreHidden">Whether this role cannot see the statements of others, so that there may be more.</param>
/// <param name="Statements">What readers send, the most expensive first; <c>null</c> where the database keeps no account of statements.</param>
/// <param name="LastSwitchAt">When reads were last switched; <c>null</c> when they never were.</param>
/// <param name="LastWaitMilliseconds">For how long readers may have queued then; <c>null</c> where nobody measured it.</param>
internal sealed record SideBySide(
    ProjectionName Projection,
    TableSide Live,
    TableSide Other,
    ReadNameChange Change,
    RowsCompared? Compared,
    IReadOnlyList<ReaderSessions> Sessions,
    bool SessionsAreHidden,
    IReadOnlyList<ReadersQuery>? Statements,
    DateTime? LastSwitchAt,
    double? LastWaitMilliseconds);

/// <summary>A version's table.</summary>
/// <param name="Version">The version.</param>
/// <param name="Position">The position up to which its rows are complete.</param>
/// <param name="Rows">How many rows it has.</param>
/// <param name="RowsAreAbout">Whether that is the planner's estimate.</param>
/// <param name="Bytes">What it takes on disk, without its indexes.</param>
/// <param name="IndexBytes">What its indexes take.</param>
internal sealed record TableSide(int Version, EventPosition? Position, long Rows, bool RowsAreAbout, long Bytes, long IndexBytes);

/// <summary>What the last comparison of the rows found.</summary>
/// <param name="At">When.</param>
/// <param name="Result">What was found; without the values of rows, which <see cref="ShowRowsCommand"/> shows.</param>
internal sealed record RowsCompared(DateTime At, ComparisonResult Result);
