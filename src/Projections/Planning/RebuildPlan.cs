using Projections.Definitions;
using Projections.Switching;

namespace Projections.Planning;

/// <summary>What a rebuild and a switch will do, said before anything is done.</summary>
/// <param name="Version">The version that reads would go to.</param>
/// <param name="Live">The version that they go to now, or <c>null</c>.</param>
/// <param name="Replay">Whether history has to be read for it.</param>
/// <param name="Events">How many events of each type it still has to fold.</param>
/// <param name="EventsAreAbout">Whether some of them were estimated and not counted.</param>
/// <param name="Duration">About how long that takes, judged by earlier builds of the projection, or <c>null</c> when there were none.</param>
/// <param name="Bytes">About how much disk the table will take, judged by the live one, or <c>null</c>.</param>
/// <param name="WalBytes">About how much write-ahead log that makes: each row and each index once.</param>
/// <param name="Connections">How many connections to the read models' database the worker needs for it at most.</param>
/// <param name="Contract">What the switch does to the read name's columns, or <c>null</c> when that is not known.</param>
/// <param name="Dependants">What stands on the read name.</param>
/// <param name="Remarks">What is to be known beside, in whole sentences: what readers will notice, and what must be done first.</param>
internal sealed record RebuildPlan(
    VersionId Version,
    int? Live,
    ReplayNeed Replay,
    IReadOnlyDictionary<string, long> Events,
    bool EventsAreAbout,
    TimeSpan? Duration,
    long? Bytes,
    long? WalBytes,
    int Connections,
    ReadNameChange? Contract,
    IReadOnlyList<string> Dependants,
    IReadOnlyList<string> Remarks)
{
    public long EventsInAll => Events.Values.Sum();
}

/// <summary>How much of history a version still has to read.</summary>
internal enum ReplayNeed
{
    /// <summary>None: its table is there and kept current.</summary>
    None,

    /// <summary>None: its rows are taken from the live version's.</summary>
    Seed,

    /// <summary>From its checkpoint on.</summary>
    Part,

    /// <summary>All of it.</summary>
    Full,
}
