namespace Projections.Chaos.Faults;

/// <summary>Something that goes wrong in the world of the workers.</summary>
/// <param name="Kind">Its name in the table at the end.</param>
/// <param name="Weight">How often it is chosen, against the others.</param>
internal abstract record Fault(string Kind, int Weight)
{
    /// <summary>Lets it happen, and returns when it is over.</summary>
    /// <returns>What happened, in a few words; <c>null</c> when it could not happen now.</returns>
    public abstract Task<string?> StrikeAsync(Random random);

    protected static TimeSpan Between(Random random, double least, double most) => TimeSpan.FromSeconds(least + (random.NextDouble() * (most - least)));
}
