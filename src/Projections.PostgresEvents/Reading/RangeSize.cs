namespace Projections.PostgresEvents.Reading;

/// <summary>
/// How many positions one COPY covers: more while few events of them are wanted and the server finds them quickly, fewer where it
/// falls silent over them. So a stretch without wanted events is read neither in thousands of steps nor in one that never ends.
/// </summary>
/// <param name="first">How many at first; where events are many, and quickly read, it stays at that.</param>
internal sealed class RangeSize(long first)
{
    public const long Largest = 10_000_000;

    // Fewer cannot be what takes so long.
    private const long Smallest = 100;

    // A range with fewer events than this, quickly read, was too small.
    private const long FewEvents = 20_000;

    // A COPY holds a snapshot while it runs, and a cold disk may be a hundred times slower than what was read just now.
    private static readonly TimeSpan Quick = TimeSpan.FromSeconds(1);

    private readonly long _first = first;

    public long Positions { get; private set; } = first;

    /// <summary>A range was read: so many events, for which the server was waited for so long.</summary>
    public void Read(long events, TimeSpan waited)
    {
        if (events < FewEvents && waited < Quick)
        {
            Positions = Math.Min(Positions * 2, Largest);
        }
        else if (Positions > _first)
        {
            Positions = Math.Max(Positions / 2, _first);
        }
    }

    /// <summary>The server fell silent within a range.</summary>
    /// <returns>Whether a smaller one is worth trying.</returns>
    public bool TryShrink()
    {
        if (Positions <= Smallest)
        {
            return false;
        }

        Positions = Math.Max(Positions / 4, Smallest);
        return true;
    }
}
