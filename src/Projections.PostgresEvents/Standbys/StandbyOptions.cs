using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Projections.PostgresEvents.Standbys;

/// <summary>
/// A streaming standby of the server with the events, from which history is read in its place. What is near the head, the head itself, and late
/// events are still looked for on the primary server. The role needs <c>pg_read_all_stats</c> there, by which it sees what the standby receives.
/// </summary>
public sealed record StandbyOptions
{
    /// <summary>Connects to the standby. Stays the caller's.</summary>
    public required NpgsqlDataSource DataSource { get; init; }

    /// <summary>What becomes of a reading while the standby is away, promoted, or behind. Default <see cref="StandbyAbsence.Wait"/>.</summary>
    public StandbyAbsence WhenAway { get; init; } = StandbyAbsence.Wait;

    /// <summary>How long the standby is waited for before the primary takes over, where it may, and how long after that it is tried again. Default 30 seconds.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>A reading of fewer positions is the primary's: it costs that less than the standby's lag costs the reader. Default 10,000.</summary>
    public long FewestPositions { get; init; } = 10_000;

    /// <summary>
    /// How many positions one COPY covers at first. A standby cancels whoever holds a snapshot for long while it has to replay what the primary cleaned up
    /// (<c>max_standby_streaming_delay</c>); after that fewer are asked for. Default 50,000.
    /// </summary>
    public int RangeSize { get; init; } = 50_000;

    /// <summary>Where it is told that history is read elsewhere, or waits. Default nowhere.</summary>
    public ILogger Logger { get; init; } = NullLogger.Instance;
}

/// <summary>What becomes of a reading from a standby that is away, promoted, or behind.</summary>
public enum StandbyAbsence
{
    /// <summary>It waits, so that nothing is asked of the primary server that it was to be spared.</summary>
    Wait,

    /// <summary>The primary server takes over after a while.</summary>
    UsePrimary,
}
