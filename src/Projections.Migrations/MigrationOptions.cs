namespace Projections.Migrations;

/// <summary>How a service's migrations are found, tracked and run.</summary>
public sealed record MigrationOptions
{
    /// <summary>The folder with the service's files, such as <c>migrations/billing</c>.</summary>
    public required string Folder { get; init; }

    /// <summary>The service's name. Several services can share a database, and even a tracking table; each has its own numbers.</summary>
    public required string Service { get; init; }

    /// <summary>The schema of the tracking table. The default is <c>public</c>.</summary>
    public string TrackingSchema { get; init; } = "public";

    /// <summary>The name of the tracking table. The default is <c>schema_migrations</c>.</summary>
    public string TrackingTable { get; init; } = "schema_migrations";

    /// <summary>How long a statement waits for a lock before it gives up, so that no queue builds behind it. The default is 2 seconds.</summary>
    public TimeSpan LockTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a statement may run. The default is 5 minutes.</summary>
    public TimeSpan StatementTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a statement with CONCURRENTLY may take, waiting included; it blocks nobody meanwhile. The default is 2 hours.</summary>
    public TimeSpan ConcurrentlyTimeout { get; init; } = TimeSpan.FromHours(2);

    /// <summary>How often a migration is tried when a lock cannot be had. The default is 10.</summary>
    public int LockAttempts { get; init; } = 10;

    /// <summary>The pause after the first try that got no lock; each following pause is twice as long. The default is 500 ms.</summary>
    public TimeSpan FirstRetryPause { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>The longest pause between two tries. The default is 30 seconds.</summary>
    public TimeSpan LongestRetryPause { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Whether a pending migration may be older than the newest applied one. The default is <c>false</c>.</summary>
    public bool AllowOutOfOrder { get; init; }

    /// <summary>Who runs the migrations, for the tracking table. The default is the account and the machine.</summary>
    public string AppliedBy { get; init; } = $"{Environment.UserName}@{Environment.MachineName}";

    /// <summary>Where migrations with <c>-- tenants: each</c> run.</summary>
    public Tenants.TenantOptions Tenants { get; init; } = new();

    /// <summary>How backfills go about their work.</summary>
    public Backfills.BackfillOptions Backfills { get; init; } = new();
}
