namespace Projections.ReadModels.Invoicing;

/// <summary>An invoice is paid and done; repeats what bookkeeping needs of it.</summary>
public sealed record InvoiceClosed(string Customer, decimal Net, decimal Tax);
