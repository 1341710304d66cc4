using System;

namespace Projections.Contracts;

/// <summary>An event that a version stopped at or set aside, with its data.</summary>
public sealed class EventShown
{
    /// <summary>The projection: <c>invoice_summary</c>.</summary>
    public string Projection { get; set; } = "";

    /// <summary>The version.</summary>
    public int Version { get; set; }

    /// <summary>Where the event stands in the source, as text.</summary>
    public string Position { get; set; } = "";

    /// <summary>Its type's name in the store.</summary>
    public string Type { get; set; } = "";

    /// <summary>Its stream.</summary>
    public string Stream { get; set; } = "";

    /// <summary>Its place in the stream.</summary>
    public long StreamVersion { get; set; }

    /// <summary>When it was stored, in UTC.</summary>
    public DateTime Time { get; set; }

    /// <summary>Its body, as it was stored.</summary>
    public string Data { get; set; } = "";
}
