using System.Globalization;
using Npgsql;
using Projections.Migrations.Files;
using Projections.Postgres;

namespace Projections.Migrations.Execution;

/// <summary>How long a statement may wait for a lock and run.</summary>
/// <param name="Lock">The limit of waiting for one lock; zero for none.</param>
/// <param name="Statement">The limit of the whole statement; zero for none.</param>
public sealed record StatementLimits(TimeSpan Lock, TimeSpan Statement)
{
    public static StatementLimits Of(FrontMatter frontMatter, MigrationOptions options) =>
        new(frontMatter.LockTimeout ?? options.LockTimeout, frontMatter.StatementTimeout ?? options.StatementTimeout);

    /// <summary>
    /// The limits of a statement that waits for older transactions by design. To PostgreSQL that wait is one for a lock, so a
    /// short <c>lock_timeout</c> would break it off and leave an invalid index behind; and it blocks no reader and no writer meanwhile.
    /// </summary>
    public static StatementLimits OfConcurrently(FrontMatter frontMatter, MigrationOptions options)
    {
        var budget = frontMatter.ConcurrentlyTimeout ?? options.ConcurrentlyTimeout;
        return new StatementLimits(budget, budget);
    }

    /// <summary>Sets the limits, and puts a tenant's schema first on the search path, for the transaction that is open.</summary>
    public Task ApplyToTransactionAsync(NpgsqlConnection connection, string? tenant, CancellationToken cancellationToken) =>
        ApplyAsync(connection, tenant, isLocal: true, cancellationToken);

    /// <summary>The same for the rest of the session.</summary>
    public Task ApplyToSessionAsync(NpgsqlConnection connection, string? tenant, CancellationToken cancellationToken) =>
        ApplyAsync(connection, tenant, isLocal: false, cancellationToken);

    // The role's or database's own search path follows the tenant's schema, however often this is applied.
    private Task<int> ApplyAsync(NpgsqlConnection connection, string? tenant, bool isLocal, CancellationToken cancellationToken) =>
        connection.ExecuteLongAsync(
            """
            SELECT set_config('lock_timeout', $1, $4),
                   set_config('statement_timeout', $2, $4),
                   set_config('search_path', concat_ws(', ', quote_ident($3), reset_val), $4)
              FROM pg_settings WHERE name = 'search_path'
            """,
            cancellationToken,
            Milliseconds(Lock), Milliseconds(Statement), tenant, isLocal);

    private static string Milliseconds(TimeSpan time) =>
        ((long)time.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
}
