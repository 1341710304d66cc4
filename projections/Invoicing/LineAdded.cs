namespace Projections.ReadModels.Invoicing;

/// <summary>A line was added to an invoice. Lines are counted from 1.</summary>
public sealed record LineAdded(int Line, string Product, int Quantity, decimal UnitPrice)
{
    public decimal Net => Quantity * UnitPrice;
}
