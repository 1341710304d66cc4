namespace Projections.ReadModels.Invoicing;

/// <summary>An event of a generated history, ready to be appended to a store.</summary>
/// <param name="Invoice">The stream.</param>
/// <param name="StreamVersion">Its place in the stream, from 1.</param>
/// <param name="Type">The event type's name.</param>
/// <param name="Data">Its body, JSON in UTF-8.</param>
/// <param name="Time">When it happened, UTC.</param>
public readonly record struct InvoicingEvent(Guid Invoice, int StreamVersion, string Type, byte[] Data, DateTime Time);
