namespace Projections.ReadModels.Invoicing;

/// <summary>An invoice was withdrawn before it was paid: as if it had never been, but for its number.</summary>
public sealed record InvoiceCancelled(string Reason, int[] Lines);
