using System.ComponentModel.DataAnnotations;
using System.IO.Enumeration;

namespace Projections;

/// <summary>How the engine works. The defaults suit a worker of its own on a small machine.</summary>
public sealed class ProjectionsOptions
{
    // Measured: about 100 for the runtime, the driver and the compiled code, 64 for new objects, the rest for batches and buffers.
    private const int MegabytesWithoutRows = 200;

    // More than this hardly saves a version a look into its table.
    private const long MostFollowingBytes = 32L * 1024 * 1024;

    // Of the limit, for the rows of all followed versions together: what events change soon after they were made. A batch with any new
    // key looks into the table anyway.
    private const int FollowingShare = 32;

    /// <summary>The schema of the read models. The default is <c>public</c>.</summary>
    [Required]
    public string Schema { get; set; } = "public";

    /// <summary>How much memory the process may take, in megabytes, however many rows there are. The default is 512; less than
    /// 256 could not be kept, as the runtime, the collector's reserve and the buffers alone take some 200.</summary>
    [Range(256, 1_048_576)]
    public int MemoryLimitMegabytes { get; set; } = 512;

    /// <summary>How long a worker waits at its start for databases that cannot be reached yet, or break the connection. The default is 1 minute.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan StartPatience { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How long a worker's lease lasts without renewal, hence how soon another takes over from one that died. The
    /// default is 5 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan LeaseDuration { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a replay goes on at most between two commits: what a crash costs. The default is 15 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "01:00:00")]
    public TimeSpan ReplayCommitInterval { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// How long one in a hundred reads of a read model may take while it is rebuilt: by short reads of its own a rebuild finds the rate at
    /// which that holds, and builds indexes with one process. The default, <c>null</c>, is to rebuild as fast as the machines allow.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:01:00")]
    public TimeSpan? ReaderLatencyLimit { get; set; }

    /// <summary>How far a replica of the read models' server may be behind before rebuilds wait for it. The default is 5 seconds; zero turns the brake off. It takes
    /// <c>pg_read_all_stats</c> to see it.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan LargestReplicaLag { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Replicas that no rebuild waits for, such as one that is behind on purpose, by their application names: with commas between, in which <c>*</c> stands for any
    /// letters. The default is none.</summary>
    public string? ReplicasLeftOut { get; set; }

    /// <summary>How many megabytes of log the read models' server may write in a second, by all who write there, before rebuilds rest. The default is 100, about what a network of a gigabit
    /// carries to a replica or an archive; zero turns the brake off.</summary>
    [Range(0, 1_000_000)]
    public int LargestWalMegabytesPerSecond { get; set; } = 100;

    /// <summary>How many megabytes of the read models' server's disk are to stay free; below it rebuilds wait. The default is 1,024; zero turns the brake off. PostgreSQL does not tell how much is
    /// free: it needs <c>FreeDiskQuery</c>, or a server on this machine that lets the worker's role know where its data are (<c>pg_read_all_settings</c>).</summary>
    [Range(0, 1_000_000_000)]
    public int LeastFreeDiskMegabytes { get; set; } = 1_024;

    /// <summary>A statement whose first value is how many bytes of the read models' server's disk are free. The default is none.</summary>
    public string? FreeDiskQuery { get; set; }

    /// <summary>How many rebuilds one worker runs at a time. Those that stand at one position read history together; they have equal shares of the memory.
    /// The default is 10.</summary>
    [Range(1, 64)]
    public int ConcurrentRebuilds { get; set; } = 10;

    /// <summary>
    /// In how many parts a rebuild decodes and folds at the same time, where the key of each row is the stream of its events (every event is declared
    /// <c>ByStream</c>); other versions are folded in one. The default is half of the processors: the rest is for reading and
    /// for the database. More than one means that handlers run side by side, which is no matter to handlers that are pure.
    /// </summary>
    [Range(1, 64)]
    public int ReplayPartitions { get; set; } = Math.Clamp(Environment.ProcessorCount / 2, 1, 8);

    /// <summary>
    /// How much time a version that is not live may take of the lockstep at once before it drops out and catches up on its
    /// own, and for how long projections that are followed together wait for one of them. It regains a quarter of the time that passes. The default is 500 milliseconds.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan CandidateShare { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// How long a number that a source gave up without a proof is looked at again, before it counts as dead: Marten draws numbers ahead of
    /// its transactions, and no time is too long for one. The default is 1 day.
    /// </summary>
    [Range(typeof(TimeSpan), "00:01:00", "30.00:00:00")]
    public TimeSpan LateEventWindow { get; set; } = TimeSpan.FromDays(1);

    /// <summary>
    /// How long the versions of a lockstep wait at most for something that is done for one of them alone: its entry, a retry of its dead letters, a
    /// repair of its rows. What takes longer is called off, and told. The default is 2 seconds.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan GuestLimit { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How long a comparison of two versions rests after each range of keys, which takes some seconds in a large table. The default is none.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan ComparisonRest { get; set; } = TimeSpan.Zero;

    /// <summary>
    /// Which share of wrong rows is to be found in a version that began with the rows of the live one: so many rows are folded from their events that, if more than this
    /// share of all were wrong, <see cref="SeedCertainty"/> says how surely one of them would be among those. The default is 0.001: one row in a thousand.
    /// </summary>
    [Range(0.0001, 0.5)]
    public double SeedMistakes { get; set; } = 0.001;

    /// <summary>How surely more wrong rows than <see cref="SeedMistakes"/> allows are found. The default is 0.99.</summary>
    [Range(0.5, 0.999999)]
    public double SeedCertainty { get; set; } = 0.99;

    /// <summary>
    /// Projections whose reads move to another version only when two people ask for the same switch: names with commas between, in which <c>*</c>
    /// stands for any letters. A rollback takes one person. The default is none.
    /// </summary>
    public string? RequireApproval { get; set; }

    /// <summary>
    /// Projections that are followed together, in one transaction, so that every snapshot sees them at one position: names with commas between, in which
    /// <c>*</c> stands for any letters; semicolons between several such groups, each of which one worker follows. Whatever is in none is followed by itself; so is all when it is
    /// empty. The default is <c>*</c>: all together.
    /// </summary>
    public string FollowTogether { get; set; } = "*";

    /// <summary>Whether a switch of a projection takes two people.</summary>
    internal bool TakesApproval(string projection) => IsNamed(RequireApproval, projection);

    /// <summary>The group that a projection is one of, or <c>null</c>: the first that names it.</summary>
    internal string? GroupOf(string projection) =>
        FollowTogether.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).FirstOrDefault(group => IsNamed(group, projection));

    /// <summary>How many processes of the server may help to build an index. One that spares the readers works alone.</summary>
    internal int IndexWorkers => ReaderLatencyLimit is null ? Math.Clamp(Environment.ProcessorCount - 1, 1, 4) : 0;

    /// <summary>
    /// How much memory a fold may take while it replays: what the process takes without any rows goes off the limit first, and
    /// for each byte of rows there is more than half a byte that the collector has not freed yet.
    /// </summary>
    internal long ReplayRowBytes => (MemoryLimitMegabytes - MegabytesWithoutRows) * 1024L * 1024L * 5 / 8;

    /// <summary>How much memory the rows of one followed version may keep between two batches, when there are so many versions.</summary>
    internal long FollowingRowBytes(int versions) => Math.Min(MostFollowingBytes, MemoryLimitMegabytes * 1024L * 1024L / FollowingShare / Math.Max(1, versions));

    private static bool IsNamed(string? patterns, string projection) =>
        patterns?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Any(pattern => FileSystemName.MatchesSimpleExpression(pattern, projection, ignoreCase: false)) == true;

    /// <summary>How much memory the rows of one comparison with the events may take, beside whatever else the process does.</summary>
    internal static long ScratchRowBytes => MostFollowingBytes;
}
