namespace Projections.Events;

/// <summary>Numbers in a row that had no event when a source passed them, and of which nobody proved that they never will.</summary>
/// <param name="First">The first of them: the major part of a position.</param>
/// <param name="Last">The last of them.</param>
/// <param name="Since">When the source gave them up.</param>
public readonly record struct GivenUpNumbers(long First, long Last, DateTimeOffset Since);

/// <summary>
/// What a source knows of the numbers that it passed on no better proof than that time went by. An event may still turn up at one of
/// them, behind the checkpoint of whoever passed it: a late event.
/// </summary>
public interface IGivenUpNumbers
{
    /// <summary>
    /// The numbers after <paramref name="after"/> up to and with <paramref name="upTo"/> that were given up. To be asked once that range
    /// has been read: a number that got its event shortly before it was read may be among them.
    /// </summary>
    IReadOnlyList<GivenUpNumbers> Between(EventPosition after, EventPosition upTo);

    /// <summary>Those of the numbers that have an event by now, of whatever type; of a long row the first thousand.</summary>
    /// <exception cref="EventSourceUnavailable">The store could not be reached; trying again may help.</exception>
    Task<IReadOnlyList<long>> FindAsync(IReadOnlyList<GivenUpNumbers> numbers, CancellationToken cancellationToken);
}
