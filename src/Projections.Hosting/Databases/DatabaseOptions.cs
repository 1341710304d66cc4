namespace Projections.Hosting.Databases;

/// <summary>One of several databases, by its name: <c>Databases:NAME:ReadModels</c>.</summary>
internal sealed class DatabaseOptions
{
    /// <summary>Where the read models and the catalog are.</summary>
    public string? ReadModels { get; set; }

    /// <summary>Where the events are. The default is beside the read models.</summary>
    public string? Events { get; set; }

    /// <summary>A streaming standby of the server with the events, from which history is read. The default is none.</summary>
    public string? EventsReplay { get; set; }
}
