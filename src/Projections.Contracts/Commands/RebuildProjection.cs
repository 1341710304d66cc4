using System;
using System.Collections.Generic;

namespace Projections.Contracts;

/// <summary>Asks for a version to be built beside the live one. Answered by <see cref="RebuildStarted" />, <see cref="RebuildProgressed" /> and,
/// in the end, <see cref="ProjectionCaughtUp" /> or <see cref="RebuildFailed" />.</summary>
public sealed class RebuildProjection : IProjectionCommand
{
    /// <inheritdoc />
    public Guid CommandId { get; set; }

    /// <inheritdoc />
    public string Projection { get; set; } = "";

    /// <summary>The version, or <c>null</c> for the newest that the service has.</summary>
    public int? Version { get; set; }

    /// <summary>Whether reads are to be switched to it as soon as it is ready. The default is no.</summary>
    public bool SwitchWhenReady { get; set; }

    /// <summary>Events a second at most, or <c>null</c> for as many as possible.</summary>
    public int? EventsPerSecond { get; set; }

    /// <summary>In how many shards history is replayed, each by whichever worker takes it, or <c>null</c> for as many as there are workers and events for.</summary>
    public int? Shards { get; set; }

    /// <summary>Whether all of history is replayed, though the version could begin with the rows of the live one (<c>seed.sql</c>). The default is no.</summary>
    public bool FromEvents { get; set; }

    /// <summary>Whether to begin anew with a version that has failed or is paused; where it is live, reads stay on the rows that it has until
    /// they are switched. The default is no.</summary>
    public bool Anew { get; set; }

    /// <summary>Other projections that are rebuilt as well, each to its newest version or to a named one (<c>open_items=2</c>); <c>*</c> for all others. They read history together.
    /// All of them are asked for, or none.</summary>
    public IReadOnlyList<string> With { get; set; } = Array.Empty<string>();

    /// <inheritdoc />
    public string RequestedBy { get; set; } = "";

    /// <inheritdoc />
    public string? Reason { get; set; }
}
