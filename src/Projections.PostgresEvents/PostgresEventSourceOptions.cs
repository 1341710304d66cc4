using Projections.PostgresEvents.Standbys;

namespace Projections.PostgresEvents;

/// <summary>How a source in PostgreSQL is read.</summary>
public sealed record PostgresEventSourceOptions
{
    /// <summary>
    /// What <see cref="Npgsql.NpgsqlConnectionStringBuilder.ReadBufferSize"/> of the data source is best set to, in bytes: by
    /// the driver's default of 8192 a replay wakes up for each few dozen events.
    /// </summary>
    public const int ReadBufferSize = 64 * 1024;

    /// <summary>How long after a look at the head the next one comes while events arrive. Default 5 milliseconds.</summary>
    public TimeSpan BusyInterval { get; init; } = TimeSpan.FromMilliseconds(5);

    /// <summary>The same while nothing happens; reached by doubling. Default 100 milliseconds: what an event waits for at most that
    /// comes after a rest, and most of what a worker costs that has nothing to do.</summary>
    public TimeSpan IdleInterval { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How many positions one COPY covers at first; more when few events of them are wanted. Default 200,000.
    /// A COPY holds a snapshot while it runs, and with it keeps vacuum from cleaning up.</summary>
    public int RangeSize { get; init; } = 200_000;

    /// <summary>
    /// How long the server may send nothing in the middle of a COPY. Then it is called off on the server too, and fewer positions are
    /// asked for at once: wanted events lie far apart, or on a cold disk. Default 15 seconds. The data source's own <c>Command Timeout</c>
    /// counts where it is shorter.
    /// </summary>
    public TimeSpan ReadPatience { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How many events a batch has at most. Default 4096.</summary>
    public int BatchEvents { get; init; } = 4096;

    /// <summary>How many bytes a batch has at most, unless one event is larger. Default 1 MiB.</summary>
    public int BatchBytes { get; init; } = 1 << 20;

    /// <summary>From where history is read in place of the server that events are written to. Default <c>null</c>: from that one.</summary>
    public StandbyOptions? Standby { get; init; }

    /// <summary>Where time comes from. Default the system's clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
