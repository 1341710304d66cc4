using System.ComponentModel.DataAnnotations;

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

    /// <summary>
    /// How many connections the program may have open to all its databases together. Each has as many of them as there are for it when it is opened, six to eight; one for
    /// which there are not six is not opened, and said to be in want of them. The default is none: eight for each.
    /// </summary>
    [Range(6, 1_000_000)]
    public int? Connections { get; set; }
}
