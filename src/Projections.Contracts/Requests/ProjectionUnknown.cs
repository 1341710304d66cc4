using System;
using System.Collections.Generic;

namespace Projections.Contracts;

/// <summary>Neither the service's code nor its catalog has a projection of that name.</summary>
public sealed class ProjectionUnknown
{
    /// <summary>The name that was asked for.</summary>
    public string Projection { get; set; } = "";

    /// <summary>The projections that there are.</summary>
    public IReadOnlyList<string> Known { get; set; } = Array.Empty<string>();

    /// <summary>What is wrong with declarations in the program that answers of which nobody knows to which projection they belong.</summary>
    public IReadOnlyList<string> Errors { get; set; } = Array.Empty<string>();
}
