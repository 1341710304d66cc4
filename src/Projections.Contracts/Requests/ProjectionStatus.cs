using System;
using System.Collections.Generic;

namespace Projections.Contracts;

/// <summary>How a projection is.</summary>
public sealed class ProjectionStatus
{
    /// <summary>The projection: <c>invoice_summary</c>.</summary>
    public string Projection { get; set; } = "";

    /// <summary>The version that the read name points to; <c>null</c> before the first switch.</summary>
    public int? LiveVersion { get; set; }

    /// <summary>How many times the read name was switched.</summary>
    public long Generation { get; set; }

    /// <summary>Where its events come from.</summary>
    public string Source { get; set; } = "";

    /// <summary>The highest position of the source that can be read without missing anything, as text.</summary>
    public string SafeHead { get; set; } = "";

    /// <summary>Who holds the safe head back; <c>null</c> when nobody does.</summary>
    public string? Hold { get; set; }

    /// <summary>Its versions that were ever built.</summary>
    public IReadOnlyList<VersionStatus> Versions { get; set; } = Array.Empty<VersionStatus>();

    /// <summary>What is wrong with its declarations in the program that answers, a sentence or two each; empty when all is well.</summary>
    public IReadOnlyList<string> Errors { get; set; } = Array.Empty<string>();
}
