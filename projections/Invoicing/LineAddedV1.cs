namespace Projections.ReadModels.Invoicing;

/// <summary>How lines were recorded before they had quantities.</summary>
public sealed record LineAddedV1(int Line, string Product, decimal Amount);
