namespace Projections.Chaos.Report;

/// <summary>What must not be, by the words that the table at the end has for it.</summary>
internal static class Wrongs
{
    public const string Lost = "events lost";
    public const string Doubled = "events folded twice";
    public const string Rows = "rows that differ otherwise";
    public const string Older = "older after newer";
    public const string FailedReads = "reads that failed";
    public const string Stuck = "stuck over 60 s without a reason shown";
    public const string Failed = "versions that failed";
    public const string Different = "comparisons that found differences";
    public const string Answers = "answers that explain nothing";
    public const string NotEnded = "workers that did not end when asked to";
    public const string Crashed = "workers that crashed";
    public const string Memory = "workers without memory";
    public const string Sessions = "sessions left over";
    public const string Relations = "tables and views left over";
    public const string Orders = "orders and repairs that never ended";
    public const string Unsettled = "versions that did not catch up in the end";

    public static readonly IReadOnlyList<string> All =
        [Lost, Doubled, Rows, Older, FailedReads, Stuck, Failed, Different, Answers, NotEnded, Crashed, Memory, Sessions, Relations, Orders, Unsettled];
}
