namespace Projections.Checks;

/// <summary>What a catch-up check thinks of a version, from good to bad: the worst finding counts.</summary>
public enum Verdict
{
    /// <summary>Nothing to be done.</summary>
    Healthy,

    /// <summary>Behind, but moving: it may mend by itself.</summary>
    Lagging,

    /// <summary>There is work to do, and nothing moves.</summary>
    Stuck,

    /// <summary>Something is wrong that does not mend by itself.</summary>
    Broken,
}
