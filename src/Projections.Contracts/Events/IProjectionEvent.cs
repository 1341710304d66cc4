using System;

namespace Projections.Contracts;

/// <summary>What every event says, whatever happened. Events are delivered at least once; those of one version in the order in
/// which they happened, except where a broker changes it.</summary>
public interface IProjectionEvent
{
    /// <summary>The projection: <c>invoice_summary</c>.</summary>
    string Projection { get; }

    /// <summary>The version that it happened to.</summary>
    int Version { get; }

    /// <summary>When it happened, in UTC, by the clock of the database that keeps the projections.</summary>
    DateTime At { get; }
}
