namespace Projections.Serving;

/// <summary>A system's place among those of a process.</summary>
/// <param name="Database">The name of its database.</param>
/// <param name="Process">What it shares with the others.</param>
/// <param name="Connections">How many connections it may have open.</param>
internal sealed record ServingPlace(string Database, ProcessResources Process, ConnectionShare Connections);

/// <summary>How many connections of each kind a database may have open.</summary>
/// <param name="ReadModels">For commands, tables and indexes, and one that listens.</param>
/// <param name="Steady">For what a worker does all day.</param>
/// <param name="Events">For reading events, and one that looks at their head.</param>
internal sealed record ConnectionShare(int ReadModels, int Steady, int Events)
{
    /// <summary>More hardly makes a rebuild faster.</summary>
    public const int Most = 8;

    /// <summary>With fewer, pieces of work that each hold one and need another could wait for each other.</summary>
    public const int Least = 6;

    /// <summary>Divides so many connections among the three.</summary>
    public static ConnectionShare Of(int connections) => new(connections - 4, 2, 2);
}
