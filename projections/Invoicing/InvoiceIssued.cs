namespace Projections.ReadModels.Invoicing;

/// <summary>An invoice was begun; its stream is the invoice.</summary>
public sealed record InvoiceIssued(string Number, string Customer, string Currency, DateOnly DueOn);
