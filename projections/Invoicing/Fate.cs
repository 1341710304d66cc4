namespace Projections.ReadModels.Invoicing;

/// <summary>How a made-up invoice ends.</summary>
internal enum Fate
{
    Paid,
    Cancelled,

    /// <summary>Paid, and then given back in part.</summary>
    Credited,
}
