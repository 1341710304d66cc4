namespace Projections.Serving;

/// <summary>A system's place among those of a process.</summary>
/// <param name="Database">The name of its database.</param>
/// <param name="Process">What it shares with the others.</param>
/// <param name="Connections">How many connections it may have open.</param>
internal sealed record ServingPlace(string Database, ProcessResources Process, ConnectionShare Connections);

/// <summary>How many connections a database may have open: one that listens, and so many of each kind.</summary>
/// <param name="ReadModels">For commands, tables and indexes.</param>
/// <param name="Steady">For what a worker does all day.</param>
/// <param name="Events">For reading events, and one that looks at their head.</param>
/// <param name="Rebuilds">How many rebuilds may go on there at a time, so that none waits for a connection that another holds.</param>
internal sealed record ConnectionShare(int ReadModels, int Steady, int Events, int Rebuilds)
{
    /// <summary>
    /// One listens and one looks at the head; history is read, new events are, and a question may be asked meanwhile; a rebuild commits while a lease is renewed; and while
    /// indexes are built somebody says so.
    /// </summary>
    public const int Least = 8;

    /// <summary>Divides so many connections; each two beyond the least allow another rebuild.</summary>
    public static ConnectionShare Of(int connections)
    {
        var more = (connections - Least) / 2;
        return new ConnectionShare(connections - Least - more + 2, more + 2, 3, more + 1);
    }
}
