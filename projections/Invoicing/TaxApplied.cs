namespace Projections.ReadModels.Invoicing;

/// <summary>The tax on the lines so far was fixed.</summary>
public sealed record TaxApplied(decimal Rate, decimal Amount);
