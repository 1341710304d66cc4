namespace Projections.LocalPostgres;

/// <summary>How a private cluster is set up.</summary>
public sealed record LocalPostgresOptions
{
    /// <summary>Where the cluster lives; it stays there. Default <c>null</c>: a temporary folder that is removed in the end.</summary>
    public string? Folder { get; init; }

    /// <summary>The server programs. Default <c>null</c>: those that <see cref="PostgresBinaries.Find()"/> finds.</summary>
    public PostgresBinaries? Binaries { get; init; }

    /// <summary>
    /// Whether writes are flushed to the disk. Default <c>false</c>: much faster, and still every commit survives a server
    /// that is stopped immediately or killed; only a crash of the machine can damage the data.
    /// </summary>
    public bool Durable { get; init; }

    /// <summary>Default 200.</summary>
    public int MaxConnections { get; init; } = 200;

    /// <summary>In megabytes, default 128.</summary>
    public int SharedBuffers { get; init; } = 128;

    /// <summary>How much write-ahead log there may be between checkpoints, in megabytes, default 2048.</summary>
    public int MaxWalSize { get; init; } = 2048;

    /// <summary>How many transactions may be prepared at once (two-phase commit), default 20.</summary>
    public int MaxPreparedTransactions { get; init; } = 20;

    /// <summary>Further settings of <c>postgresql.conf</c> by name; they win over the ones above.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>How long a start, with recovery, or a stop may take. Default 60 seconds.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(60);
}
