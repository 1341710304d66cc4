namespace Projections.EventStoreDb.TestServer;

/// <summary>
/// What servers of different versions do differently, as far as a reader can notice. Each of it is a fact of the version's public source.
/// None tells a reader that it fell behind: the protocol has a message for that, which no server sends.
/// </summary>
public sealed record ServerVersion
{
    public static ServerVersion V21_10 { get; } = new() { Number = "21.10.11" };

    public static ServerVersion V23_10 { get; } = V21_10 with { Number = "23.10.6", SaysCaughtUp = true };

    public static ServerVersion V24_10 { get; } = V23_10 with { Number = "24.10.4", ComparesPositions = true, KnowsInvalidPositions = true };

    public static ServerVersion V25_1 { get; } = V24_10 with { Number = "25.1.0", SaysWhereItCaughtUp = true };

    public required string Number { get; init; }

    /// <summary>Whether subscriptions are told that they have caught up; since 23.10.</summary>
    public bool SaysCaughtUp { get; init; }

    /// <summary>Whether they are told where, too; since 24.10.5 and 25.0.1.</summary>
    public bool SaysWhereItCaughtUp { get; init; }

    /// <summary>
    /// Whether a subscription gives what lies after its position, and a checkpoint when it has caught up; since 24.2. Before, the server
    /// reads one event at the position, and goes on behind that one: where the record is gone, behind the first that should have come.
    /// </summary>
    public bool ComparesPositions { get; init; }

    /// <summary>Whether a position that is no place of the log is named as that; since 24.2. Before, it is an error like any other.</summary>
    public bool KnowsInvalidPositions { get; init; }
}
