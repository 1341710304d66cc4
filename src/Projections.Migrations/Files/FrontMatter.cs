namespace Projections.Migrations.Files;

/// <summary>
/// What a file says about itself in the comments at its top: <c>-- transaction: none</c>. A line counts as front matter when it
/// is <c>-- word: value</c> with the word in small letters; all other comments are prose.
/// </summary>
public sealed record FrontMatter
{
    /// <summary><c>-- transaction: none</c>: the statements run one by one, not as one transaction.</summary>
    public bool WithoutTransaction { get; init; }

    /// <summary><c>-- lock-timeout: 2s</c>: how long a statement waits for a lock; <c>null</c> for the runner's default.</summary>
    public TimeSpan? LockTimeout { get; init; }

    /// <summary><c>-- statement-timeout: 30s</c>: how long a statement may run; <c>null</c> for the runner's default.</summary>
    public TimeSpan? StatementTimeout { get; init; }

    /// <summary><c>-- concurrently-timeout: 1h</c>: how long a statement that waits for older transactions by design (CREATE
    /// INDEX CONCURRENTLY and its kin) may take in all; <c>null</c> for the runner's default.</summary>
    public TimeSpan? ConcurrentlyTimeout { get; init; }

    /// <summary><c>-- tenants: each</c>: runs in every tenant's schema.</summary>
    public bool EachTenant { get; init; }

    /// <summary><c>-- irreversible: reason</c>, in a down file: why there is no way back.</summary>
    public string? Irreversible { get; init; }

    /// <summary><c>-- safety: allow rule-id "reason"</c>, any number of times.</summary>
    public IReadOnlyList<SafetyAllowance> Allowances { get; init; } = [];

    /// <summary>Words that look like settings and are none, such as <c>author</c>.</summary>
    public IReadOnlyList<UnknownSetting> Unknown { get; init; } = [];

    /// <summary><c>-- table: orders</c>, in a backfill: the table whose keys are walked.</summary>
    public string? Table { get; init; }

    /// <summary><c>-- key: id</c>, in a backfill: the column by which the table is walked; it needs an index.</summary>
    public string? Key { get; init; }

    /// <summary><c>-- batch: 1000</c>, in a backfill: rows in the first batch; <c>null</c> for the default.</summary>
    public int? BatchSize { get; init; }

    /// <summary><c>-- pause: 50ms</c>, in a backfill: between two batches; <c>null</c> for the default.</summary>
    public TimeSpan? Pause { get; init; }

    /// <summary><c>-- target: 500ms</c>, in a backfill: how long a batch should take; its size follows. <c>null</c> for the default.</summary>
    public TimeSpan? TargetTime { get; init; }
}

/// <summary>A word at a file's top that looks like a setting and is none.</summary>
/// <param name="Word">The word.</param>
/// <param name="Line">Where it stands in the file.</param>
public sealed record UnknownSetting(string Word, int Line);

/// <summary>A finding that the author of a file has looked at and accepts, with the reason.</summary>
/// <param name="RuleId">The finding's stable id, such as <c>drop-column</c>.</param>
/// <param name="Reason">Why it is safe here; never empty.</param>
/// <param name="Line">Where it stands in the file.</param>
public sealed record SafetyAllowance(string RuleId, string Reason, int Line);
