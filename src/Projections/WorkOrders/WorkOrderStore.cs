using System.Globalization;
using System.Text.Json;
using Npgsql;
using Projections.Catalog;
using Projections.Catalog.Announcements;
using Projections.Definitions;
using Projections.Postgres;

namespace Projections.WorkOrders;

/// <summary>The catalog's work orders, kept for <see cref="Kept"/> after they have ended.</summary>
internal static class WorkOrderStore
{
    /// <summary>The kind of the locks of those who work on an order; spells "work".</summary>
    public const int LockKind = 0x776F726B;

    /// <summary>How long orders that have ended are kept.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromDays(90);

    private static readonly string IsHeld = string.Create(
        CultureInfo.InvariantCulture,
        $"""
        exists (
            select from pg_locks l
            where l.locktype = 'advisory' and l.classid = {LockKind} and l.objid = o.number::oid and l.objsubid = 2 and l.granted
              and l.database = (select d.oid from pg_database d where d.datname = current_database()))
        """);

    private static readonly string Columns =
        $"""
        o.id, o.projection, o.version, o.work::text, o.who, o.why, o.requested_at, o.worker, o.started_at, o.ended_at, o.outcome, o.result::text, o.failure,
        case when o.failure is not null then 'failed' when o.ended_at is not null then 'done' when {IsHeld} then 'running' else 'waiting' end
        """;

    private static readonly JsonSerializerOptions ResultJson = CreateResultJson();

    // jsonb keeps no order of properties, so the kind need not come first.
    private static readonly JsonSerializerOptions StoredWork = new(JsonSerializerDefaults.Web) { AllowOutOfOrderMetadataProperties = true };

    /// <summary>A projection's orders, newest first.</summary>
    public static async Task<IReadOnlyList<WorkOrder>> ReadAsync(
        ProjectionCatalog catalog, ProjectionName projection, int limit, CancellationToken cancellationToken)
    {
        await using var connection = await catalog.ReadModels.OpenConnectionAsync(cancellationToken);
        return await connection.QueryAsync(
            $"select {Columns} from projections.work_order o where o.projection = $1 order by o.number desc limit $2", Read, cancellationToken, projection.Value, limit);
    }

    /// <summary>An order by its id, or <c>null</c>.</summary>
    public static async Task<WorkOrder?> FindAsync(ProjectionCatalog catalog, ProjectionName projection, Guid id, CancellationToken cancellationToken)
    {
        await using var connection = await catalog.ReadModels.OpenConnectionAsync(cancellationToken);
        return await FindAsync(connection, projection, id, cancellationToken);
    }

    internal static async Task<WorkOrder?> FindAsync(NpgsqlConnection connection, ProjectionName projection, Guid id, CancellationToken cancellationToken) =>
        (await connection.QueryAsync(
            $"select {Columns} from projections.work_order o where o.projection = $1 and o.id = $2", Read, cancellationToken, projection.Value, id)).SingleOrDefault();

    internal static async Task AddAsync(NpgsqlConnection connection, Guid id, SettledWork settled, Actor actor, CancellationToken cancellationToken)
    {
        await connection.ExecuteAsync("delete from projections.work_order where ended_at < clock_timestamp() - $1::interval", cancellationToken, Kept);
        await connection.ExecuteAsync(
            "insert into projections.work_order (id, projection, version, work, who, why) values ($1, $2, $3, $4::jsonb, $5, $6)",
            cancellationToken,
            id, settled.Version.Projection.Value, settled.Version.Number, JsonSerializer.Serialize(settled.Work, JsonSerializerOptions.Web), actor.Who, actor.Why);
    }

    /// <summary>The orders that nobody works on, oldest first.</summary>
    internal static async Task<IReadOnlyList<OpenOrder>> ReadWaitingAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        await connection.QueryAsync(
            $"select o.number, o.projection, o.version from projections.work_order o where o.ended_at is null and not {IsHeld} order by o.number",
            row => new OpenOrder(row.GetInt32(0), new VersionId(new ProjectionName(row.GetString(1)), row.GetInt32(2))),
            cancellationToken);

    /// <summary>Notes who has begun.</summary>
    /// <returns>The order, or <c>null</c> when it has ended meanwhile.</returns>
    internal static async Task<WorkOrder?> BeginAsync(NpgsqlConnection connection, int number, string worker, CancellationToken cancellationToken) =>
        (await connection.QueryAsync(
            $"""
            update projections.work_order o set worker = $2, started_at = coalesce(started_at, clock_timestamp())
            where o.number = $1 and o.ended_at is null
            returning {Columns}
            """,
            Read,
            cancellationToken,
            number,
            worker)).SingleOrDefault();

    /// <summary>Whether an order has ended, by its worker or because it was called off.</summary>
    internal static Task<bool> HasEndedAsync(NpgsqlConnection connection, Guid id, CancellationToken cancellationToken) =>
        connection.ScalarAsync<bool>("select not exists (select from projections.work_order where id = $1 and ended_at is null)", cancellationToken, id);

    /// <summary>For how long an order has been tried in vain.</summary>
    internal static Task<TimeSpan> TriedForAsync(NpgsqlConnection connection, Guid id, CancellationToken cancellationToken) =>
        connection.ScalarAsync<TimeSpan>("select coalesce(clock_timestamp() - started_at, interval '0') from projections.work_order where id = $1", cancellationToken, id);

    /// <summary>
    /// Writes down what came of an order and announces it, in the transaction that is open on the connection; nothing when somebody else has
    /// ended it.
    /// </summary>
    internal static async Task EndAsync(NpgsqlConnection connection, WorkOrder order, WorkResult? result, string? failure, CancellationToken cancellationToken)
    {
        var ended = await connection.ExecuteAsync(
            """
            update projections.work_order set ended_at = clock_timestamp(), outcome = $2, result = $3::jsonb, failure = $4
            where id = $1 and ended_at is null
            """,
            cancellationToken,
            order.Id, result?.Outcome, result is null ? null : JsonSerializer.Serialize(result.Report, result.Report.GetType(), ResultJson), failure);
        if (ended == 1 && (failure is null ? result!.Kind : AnnouncementKind.WorkFailed) is { } kind)
        {
            var details = (result?.Details ?? new AnnouncementDetails { Error = failure }) with { CommandId = order.Id, Verb = order.Work.Verb };
            await Outbox.AddAsync(connection, kind, order.Version, order.Actor, details, cancellationToken);
        }
    }

    private static WorkOrder Read(NpgsqlDataReader row) => new()
    {
        Id = row.GetGuid(0),
        Version = new VersionId(new ProjectionName(row.GetString(1)), row.GetInt32(2)),
        Work = JsonSerializer.Deserialize<Work>(row.GetString(3), StoredWork)!,
        Actor = new Actor(row.GetString(4), row.GetNullable<string>(5)),
        RequestedAt = row.GetDateTime(6),
        Worker = row.GetNullable<string>(7),
        StartedAt = row.GetNullableValue<DateTime>(8),
        EndedAt = row.GetNullableValue<DateTime>(9),
        Outcome = row.GetNullable<string>(10),
        Result = row.GetNullable<string>(11) is { } json ? JsonDocument.Parse(json).RootElement.Clone() : null,
        Failure = row.GetNullable<string>(12),
        State = Enum.Parse<WorkOrderState>(row.GetString(13), ignoreCase: true),
    };

    private static JsonSerializerOptions CreateResultJson()
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web);
        ReportJson.Configure(options);
        return options;
    }
}
