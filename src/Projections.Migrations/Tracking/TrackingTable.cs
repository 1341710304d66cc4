using Npgsql;
using Projections.Migrations.Files;
using Projections.Postgres;

namespace Projections.Migrations.Tracking;

/// <summary>The table that says which migrations a database, or a tenant's schema, has. Every change of it happens in the
/// transaction of the work that it records.</summary>
/// <param name="Schema">Its schema.</param>
/// <param name="Name">Its name.</param>
/// <param name="Service">Whose rows are meant.</param>
public sealed record TrackingTable(string Schema, string Name, string Service)
{
    /// <summary>Where throw-away copies keep their own tracking, out of the sight of whoever looks at their schemas.</summary>
    internal const string SchemaOnCopies = "throwaway_tracking";

    private static readonly string[] AddedLater = ["remark", "checksum_down"];

    private static readonly string ToolVersion = typeof(TrackingTable).Assembly.GetName().Version?.ToString(3) ?? "unknown";

    private const string BegunAnew =
        """
        ON CONFLICT (service, version) DO UPDATE
           SET state = excluded.state, applied_by = excluded.applied_by, tool_version = excluded.tool_version,
               safety_skipped = excluded.safety_skipped, execution_time_ms = excluded.execution_time_ms
        """;

    private const string Columns =
        """
        service             text        NOT NULL,
        version             bigint      NOT NULL,
        name                text        NOT NULL,
        checksum            text        NOT NULL,
        checksum_normalised text        NOT NULL,
        state               text        NOT NULL CHECK (state IN ('started', 'done', 'reverting')),
        applied_at          timestamptz NOT NULL DEFAULT clock_timestamp(),
        execution_time_ms   bigint      NOT NULL DEFAULT 0,
        applied_by          text        NOT NULL,
        tool_version        text        NOT NULL,
        finished            text[]      NOT NULL DEFAULT ARRAY[]::text[],
        in_flight           text,
        in_flight_pid       integer,
        last_key            text,
        end_key             text,
        rows_done           bigint      NOT NULL DEFAULT 0,
        safety_skipped      text,
        remark              text,
        checksum_down       text,
        PRIMARY KEY (service, version)
        """;

    internal string Quoted => Own.Quoted;

    /// <summary>This table, and what else runners keep beside it, as they are named in SQL.</summary>
    internal IReadOnlyList<string> Tables => [Quoted, new SignOffTable(this).Quoted];

    private OwnTable Own => new(Schema, Name);

    /// <summary>Creates the schema and the table where they are missing, and adds columns that an earlier release did not have.</summary>
    /// <exception cref="MigrationRefused">A table of that name is another tool's, or the role may not create it.</exception>
    public async Task EnsureAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var columns = await ReadColumnsAsync(connection, cancellationToken);
        if (columns.Count > 0)
        {
            await AddColumnsAsync(connection, columns, cancellationToken);
            return;
        }

        await Own.EnsureAsync(connection, Columns, cancellationToken);
    }

    /// <exception cref="MigrationRefused">There is a table of that name, and it is not ours.</exception>
    public async Task<bool> ExistsAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        (await ReadColumnsAsync(connection, cancellationToken)).Count > 0;

    private async Task<IReadOnlyCollection<string>> ReadColumnsAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var columns = await ForeignHistory.ReadColumnsAsync(connection, Quoted, cancellationToken);
        if (columns.Count > 0 && !columns.Contains("checksum_normalised"))
        {
            throw new MigrationRefused([ForeignTable(ForeignHistory.Recognise(Quoted, columns)?.Tool)]);
        }

        return columns;
    }

    // A table that an earlier release made.
    private async Task AddColumnsAsync(NpgsqlConnection connection, IReadOnlyCollection<string> columns, CancellationToken cancellationToken)
    {
        foreach (var column in AddedLater.Except(columns))
        {
            await connection.ExecuteLongAsync($"ALTER TABLE {Quoted} ADD COLUMN IF NOT EXISTS {column} text", cancellationToken);
        }
    }

    private Refusal ForeignTable(string? tool) => new(
        "foreign-tracking-table",
        tool is null
            ? $"{SqlName.Readable(Schema, Name)} is a table of something else, so no migration can be tracked there. Name another by --tracking-table (or --tracking-schema)."
            : $"{SqlName.Readable(Schema, Name)} is the tracking table of {tool}, so this runner keeps its own elsewhere: name one by --tracking-table (or --tracking-schema). 'projections migrate baseline --from-table {SqlName.Readable(Schema, Name)} --tracking-table NAME' takes over what is applied.");

    /// <summary>All rows of the service in the order of their versions.</summary>
    public async Task<IReadOnlyList<TrackedMigration>> ReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand($"{SelectSql} ORDER BY version", connection);
        command.Parameters.Add(new() { Value = Service });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<TrackedMigration>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(ReadRow(reader, firstColumn: 0));
        }

        return rows;
    }

    /// <summary>The query for all rows of the service, which is its parameter <c>$1</c>.</summary>
    internal string SelectSql =>
        $"""
        SELECT version, name, checksum, checksum_normalised, state, applied_at, execution_time_ms, applied_by, tool_version,
               finished, in_flight, in_flight_pid, last_key, end_key, rows_done, safety_skipped, to_jsonb(tracked) ->> 'remark', to_jsonb(tracked) ->> 'checksum_down'
          FROM {Quoted} tracked WHERE service = $1
        """;

    internal static TrackedMigration ReadRow(NpgsqlDataReader reader, int firstColumn)
    {
        var column = firstColumn;
        return new TrackedMigration
        {
            Version = reader.GetInt64(column++),
            Name = reader.GetString(column++),
            Checksum = reader.GetString(column++),
            ChecksumNormalised = reader.GetString(column++),
            State = Enum.Parse<TrackedState>(reader.GetString(column++), ignoreCase: true),
            AppliedAt = reader.GetDateTime(column++),
            ExecutionTime = TimeSpan.FromMilliseconds(reader.GetInt64(column++)),
            AppliedBy = reader.GetString(column++),
            ToolVersion = reader.GetString(column++),
            Finished = reader.GetFieldValue<string[]>(column++),
            InFlight = TextOrNull(reader, column++),
            InFlightPid = reader.IsDBNull(column++) ? null : reader.GetInt32(column - 1),
            LastKey = TextOrNull(reader, column++),
            EndKey = TextOrNull(reader, column++),
            RowsDone = reader.GetInt64(column++),
            SafetySkipped = TextOrNull(reader, column++),
            Remark = TextOrNull(reader, column++),
            DownChecksum = TextOrNull(reader, column),
        };
    }

    private static string? TextOrNull(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    /// <summary>Adds the row of a migration that begins. Its key makes a second runner, whose lock was lost, fail instead of
    /// applying the migration twice; a repeatable one is begun anew.</summary>
    public Task InsertAsync(
        NpgsqlConnection connection, Migration migration, TrackedState state, RunIdentity identity, CancellationToken cancellationToken) =>
        connection.ExecuteLongAsync(
            $"""
            INSERT INTO {Quoted} (service, version, name, checksum, checksum_normalised, state, applied_by, tool_version, safety_skipped)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) {(migration.IsRepeatable ? BegunAnew : "")}
            """,
            cancellationToken,
            Service, migration.Version, migration.Name, migration.Up.Checksums.Raw, migration.Up.Checksums.Normalised,
            StateText(state), identity.AppliedBy, ToolVersion, identity.SafetySkipped);

    /// <summary>Records that a migration has been applied, and how long it took.</summary>
    public Task MarkDoneAsync(NpgsqlConnection connection, Migration migration, TimeSpan took, CancellationToken cancellationToken) =>
        ChangeAsync(
            connection, migration,
            "state = 'done', applied_at = clock_timestamp(), execution_time_ms = execution_time_ms + $3, checksum = $4, checksum_normalised = $5, checksum_down = $6, finished = ARRAY[]::text[], in_flight = NULL, in_flight_pid = NULL",
            cancellationToken,
            (long)took.TotalMilliseconds, migration.Up.Checksums.Raw, migration.Up.Checksums.Normalised, migration.Down?.Checksums.Normalised);

    /// <summary>Records that the way back begins.</summary>
    public Task MarkRevertingAsync(NpgsqlConnection connection, Migration migration, CancellationToken cancellationToken) =>
        ChangeAsync(
            connection, migration,
            "state = 'reverting', finished = ARRAY[]::text[], in_flight = NULL, in_flight_pid = NULL, last_key = NULL, end_key = NULL, rows_done = 0",
            cancellationToken);

    /// <summary>Writes into the journal that a statement runs outside a transaction.</summary>
    public Task MarkInFlightAsync(
        NpgsqlConnection connection, Migration migration, string digest, int backendPid, CancellationToken cancellationToken) =>
        ChangeAsync(connection, migration, "in_flight = $3, in_flight_pid = $4", cancellationToken, digest, backendPid);

    /// <summary>Writes into the journal that a statement has finished, the one after <paramref name="finishedBefore"/> others.</summary>
    public async Task MarkFinishedAsync(
        NpgsqlConnection connection, Migration migration, int finishedBefore, string digest, CancellationToken cancellationToken) =>
        EnsureOne(
            await connection.ExecuteLongAsync(
                $"""
                UPDATE {Quoted} SET finished = finished || $4::text, in_flight = NULL, in_flight_pid = NULL
                 WHERE service = $1 AND version = $2 AND cardinality(finished) = $3
                """,
                cancellationToken, Service, migration.Version, finishedBefore, digest),
            migration);

    /// <summary>Keeps how far a backfill has come.</summary>
    public Task MarkBatchAsync(
        NpgsqlConnection connection, Migration migration, string? lastKey, string? endKey, long rowsDone, TimeSpan took, CancellationToken cancellationToken) =>
        ChangeAsync(
            connection, migration,
            "last_key = $3, end_key = $4, rows_done = $5, execution_time_ms = execution_time_ms + $6",
            cancellationToken, lastKey, endKey, rowsDone, (long)took.TotalMilliseconds);

    /// <summary>Adds the row of a migration that is applied already, though not by this runner.</summary>
    /// <param name="connection">A connection, in the transaction of all such rows.</param>
    /// <param name="migration">Which.</param>
    /// <param name="appliedAt">When it was applied; <c>null</c> where nobody knows, for now.</param>
    /// <param name="identity">Who says so, and why what does not fit is no matter.</param>
    /// <param name="remark">How it came to be marked.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task InsertAppliedAsync(
        NpgsqlConnection connection, Migration migration, DateTime? appliedAt, RunIdentity identity, string remark, CancellationToken cancellationToken) =>
        connection.ExecuteLongAsync(
            $"""
            INSERT INTO {Quoted} (service, version, name, checksum, checksum_normalised, state, applied_at, applied_by, tool_version, safety_skipped, remark, checksum_down)
            VALUES ($1, $2, $3, $4, $5, 'done', coalesce($6, clock_timestamp()), $7, $8, $9, $10, $11)
            """,
            cancellationToken,
            Service, migration.Version, migration.Name, migration.Up.Checksums.Raw, migration.Up.Checksums.Normalised,
            appliedAt, identity.AppliedBy, ToolVersion, identity.SafetySkipped, remark, migration.Down?.Checksums.Normalised);

    /// <summary>Takes the files as they are now for those that were applied.</summary>
    public Task RepairAsync(NpgsqlConnection connection, Migration migration, string remark, CancellationToken cancellationToken) =>
        ChangeAsync(
            connection, migration,
            "checksum = $3, checksum_normalised = $4, checksum_down = $5, remark = concat_ws(E'\n', remark, $6)",
            cancellationToken, migration.Up.Checksums.Raw, migration.Up.Checksums.Normalised, migration.Down?.Checksums.Normalised, remark);

    /// <summary>Takes the row of a migration away that has been taken back.</summary>
    public async Task DeleteAsync(NpgsqlConnection connection, Migration migration, CancellationToken cancellationToken) =>
        EnsureOne(
            await connection.ExecuteLongAsync(
                $"DELETE FROM {Quoted} WHERE service = $1 AND version = $2", cancellationToken, Service, migration.Version),
            migration);

    private async Task ChangeAsync(
        NpgsqlConnection connection, Migration migration, string changes, CancellationToken cancellationToken, params object?[] values) =>
        EnsureOne(
            await connection.ExecuteLongAsync(
                $"UPDATE {Quoted} SET {changes} WHERE service = $1 AND version = $2",
                cancellationToken, [Service, migration.Version, .. values]),
            migration);

    private void EnsureOne(int rows, Migration migration)
    {
        if (rows != 1)
        {
            throw new MigrationStopped(
                "tracking-row-lost",
                $"The row of {migration.Id} is gone from {SqlName.Readable(Schema, Name)}, although only one runner works at a time. Its change was rolled back. See who else writes that table, then run 'projections migrate status'.");
        }
    }

    private static string StateText(TrackedState state) => state switch
    {
        TrackedState.Done => "done",
        TrackedState.Started => "started",
        _ => "reverting",
    };
}
