namespace Projections.ReadModels.OpenItems.V1;

/// <summary>A line of an invoice.</summary>
public readonly record struct OpenItem(Guid InvoiceId, int Line);
