using System.ComponentModel.DataAnnotations;
using Projections.Serving;

namespace Projections.Hosting.Databases;

/// <summary>Where the list of databases comes from that one program serves, beside those that <c>Databases</c> names, and where each of them is.</summary>
internal sealed class DatabaseListOptions
{
    /// <summary>Names of databases with commas between. The default is none.</summary>
    public string? Names { get; set; }

    /// <summary>
    /// A statement that lists databases, run where <c>ConnectionStrings:DatabaseList</c> says: their names, and in a second, third and fourth column, which may be left out
    /// or null, the connection strings of read models, events and the events' standby. The default is none.
    /// </summary>
    public string? Query { get; set; }

    /// <summary>The connection string of the read models of those that the list names without one; <c>{name}</c> in it is the database's name:
    /// <c>Host=db;Database=tenant_{name};Username=projections</c>. The default is none.</summary>
    public string? ReadModels { get; set; }

    /// <summary>The same for the events. The default is none: they are beside the read models.</summary>
    public string? Events { get; set; }

    /// <summary>The same for a streaming standby of the events' server. The default is none.</summary>
    public string? EventsReplay { get; set; }

    /// <summary>How long between two looks at the list: databases come and go while the program runs. The default is 30 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How many connections each database may have open; each two more than eight allow another rebuild to go on there at the same time. With the bus there is one more, by which
    /// announcements are heard of, and over RabbitMQ another, for messages of reactions, and a third while a feed is published. The default is 8.</summary>
    [Range(ConnectionShare.Least, 200)]
    public int ConnectionsEach { get; set; } = ConnectionShare.Least;

    /// <summary>How many connections the program may have open to all its databases together. One for which there are not enough left is not opened, and said to be in want of
    /// them. The default is none: as many as there are databases for.</summary>
    [Range(ConnectionShare.Least, 1_000_000)]
    public int? Connections { get; set; }
}
