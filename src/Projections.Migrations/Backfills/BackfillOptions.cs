namespace Projections.Migrations.Backfills;

/// <summary>How a backfill goes about its work where its file does not say otherwise.</summary>
public sealed record BackfillOptions
{
    /// <summary>Rows in the first batch. The default is 1,000.</summary>
    public int BatchSize { get; init; } = 1_000;

    /// <summary>The largest batch that adapting to <see cref="TargetTime"/> may reach. The default is 50,000 rows.</summary>
    public int LargestBatch { get; init; } = 50_000;

    /// <summary>How long a batch should take; the size of the next follows from it. The default is 500 ms.</summary>
    public TimeSpan TargetTime { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>The pause between two batches, in which others get their turn. The default is 50 ms.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>The pause while a brake holds or somebody waits for a lock on the table. The default is 1 second.</summary>
    public TimeSpan BusyPause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How far a replica may lag before the backfill waits for it. The default is 5 seconds; zero turns the brake off.</summary>
    public TimeSpan LargestReplicaLag { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Replicas that are not waited for, by their application names with commas between, in which <c>*</c> stands for any letters. The default is none.</summary>
    public string? ReplicasLeftOut { get; init; }

    /// <summary>How many megabytes of log the server may write in a second before the backfill rests. The default is 100, about what a network of a gigabit carries to a replica or an
    /// archive; zero turns the brake off.</summary>
    public int LargestWalMegabytesPerSecond { get; init; } = 100;

    /// <summary>How many megabytes of the server's disk are to stay free. The default is 1,024; zero turns the brake off. It needs <see cref="FreeDiskQuery"/>, or a server on this
    /// machine that tells where its data are.</summary>
    public int LeastFreeDiskMegabytes { get; init; } = 1_024;

    /// <summary>A statement whose first value is how many bytes of the server's disk are free. The default is none.</summary>
    public string? FreeDiskQuery { get; init; }
}
