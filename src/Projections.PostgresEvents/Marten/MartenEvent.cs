using Projections.Events;

namespace Projections.PostgresEvents.Marten;

/// <summary>An event to be put into a Marten table.</summary>
/// <param name="Stream">The stream, named as the table names streams.</param>
/// <param name="Version">The event's place in its stream, from 1.</param>
/// <param name="Type">The event type's name.</param>
/// <param name="Json">The body.</param>
/// <param name="Time">When it was stored, in UTC.</param>
/// <param name="Headers">A JSON object, or <c>null</c>.</param>
/// <param name="Tenant">The tenant; <c>null</c> for Marten's default tenant.</param>
public readonly record struct MartenEvent(
    StreamId Stream, long Version, string Type, string Json, DateTime Time, string? Headers = null, string? Tenant = null);
