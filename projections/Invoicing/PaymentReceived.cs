namespace Projections.ReadModels.Invoicing;

/// <summary>Money came in for some lines of an invoice.</summary>
public sealed record PaymentReceived(decimal Amount, string Method, int[] SettledLines);
