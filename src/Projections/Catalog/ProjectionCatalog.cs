using Npgsql;
using Projections.Definitions;
using Projections.Events;
using Projections.Postgres;
using Projections.Tables;

namespace Projections.Catalog;

/// <summary>
/// What the schema <c>projections</c> of the read models' database says. Methods that take a connection work in the
/// transaction that is open on it, so that a caller can bind several changes into one.
/// </summary>
internal sealed class ProjectionCatalog(NpgsqlDataSource readModels)
{
    /// <summary>The channel on which a change that a worker should look at is announced.</summary>
    internal const string Channel = "projections";

    public NpgsqlDataSource ReadModels { get; } = readModels;

    /// <summary>Creates or upgrades the catalog's schema.</summary>
    public Task InstallAsync(CancellationToken cancellationToken) => CatalogSchema.InstallAsync(ReadModels, cancellationToken);

    public async Task<IReadOnlyList<ProjectionSnapshot>> ReadAllAsync(CancellationToken cancellationToken)
    {
        await using var connection = await ReadModels.OpenConnectionAsync(cancellationToken);
        return await ReadAsync(connection, null, cancellationToken);
    }

    public async Task<ProjectionSnapshot?> ReadAsync(ProjectionName projection, CancellationToken cancellationToken)
    {
        await using var connection = await ReadModels.OpenConnectionAsync(cancellationToken);
        return (await ReadAsync(connection, projection, cancellationToken)).SingleOrDefault();
    }

    /// <summary>Reads projections with their versions in one statement, hence in one snapshot.</summary>
    internal static async Task<IReadOnlyList<ProjectionSnapshot>> ReadAsync(
        NpgsqlConnection connection, ProjectionName? projection, CancellationToken cancellationToken)
    {
        var found = await connection.QueryAsync(
            $"""
            select {VersionSnapshot.ColumnList}, p.source, p.generation, p.contract, p.kept_table
            from projections.projection p
            join projections.version v on v.projection = p.name
            where $1::text is null or p.name = $1
            order by v.projection, v.number
            """,
            row => (Version: VersionSnapshot.Read(row), Source: row.GetString(VersionSnapshot.Columns), Generation: row.GetInt64(VersionSnapshot.Columns + 1),
                Contract: row.GetNullable<string[]>(VersionSnapshot.Columns + 2), KeptTable: row.GetNullable<string>(VersionSnapshot.Columns + 3)),
            cancellationToken,
            projection?.Value);
        return
        [
            .. found.GroupBy(row => row.Version.Id.Projection).Select(rows => new ProjectionSnapshot(
                rows.Key, rows.First().Source, rows.First().Generation, rows.First().Contract, [.. rows.Select(row => row.Version)])
            {
                KeptTable = rows.First().KeptTable,
            }),
        ];
    }

    /// <summary>Locks a projection's row until the transaction's end: whoever changes a projection as a whole queues here.</summary>
    /// <returns>The projection with its versions, read after the lock was had, or <c>null</c> when the catalog has none.</returns>
    internal static async Task<ProjectionSnapshot?> LockAsync(
        NpgsqlConnection connection, ProjectionName projection, CancellationToken cancellationToken)
    {
        // Not "for update": a worker that updates a row of a version twice in a transaction has the foreign key proved, which would wait
        // for the command that waits for the version's row.
        await connection.ExecuteAsync(
            "select 1 from projections.projection where name = $1 for no key update", cancellationToken, projection.Value);
        return (await ReadAsync(connection, projection, cancellationToken)).SingleOrDefault();
    }

    /// <summary>Locks a version's row until the transaction's end.</summary>
    internal static async Task<VersionSnapshot?> LockAsync(NpgsqlConnection connection, VersionId version, CancellationToken cancellationToken) =>
        (await connection.QueryAsync(
            $"select {VersionSnapshot.ColumnList} from projections.version v where projection = $1 and number = $2 for update",
            VersionSnapshot.Read,
            cancellationToken,
            version.Projection.Value,
            version.Number)).SingleOrDefault();

    /// <summary>Enters a projection that is not there yet; one that is there stays as it is.</summary>
    internal static Task AddProjectionAsync(
        NpgsqlConnection connection, ProjectionName projection, string source, CancellationToken cancellationToken) =>
        connection.ExecuteAsync(
            "insert into projections.projection (name, source) values ($1, $2) on conflict do nothing",
            cancellationToken,
            projection.Value,
            source);

    /// <summary>Tells the workers, when the transaction commits, that there is something to look at.</summary>
    internal static Task NotifyAsync(NpgsqlConnection connection, ProjectionName projection, CancellationToken cancellationToken) =>
        connection.ExecuteAsync("select pg_notify($1, $2)", cancellationToken, Channel, projection.Value);

    /// <summary>Keeps why a switch that was asked for with the rebuild did not take place; it is not tried again by itself.</summary>
    internal async Task GiveUpSwitchAsync(VersionId version, string reason, CancellationToken cancellationToken)
    {
        await using var connection = await ReadModels.OpenConnectionAsync(cancellationToken);
        await connection.ExecuteAsync(
            "update projections.version set switch_when_ready = false, activity = $3 where projection = $1 and number = $2",
            cancellationToken,
            version.Projection.Value,
            version.Number,
            reason);
    }

    /// <summary>The audit trail of a projection, newest first.</summary>
    public async Task<IReadOnlyList<TransitionRecord>> ReadTransitionsAsync(
        ProjectionName projection, int limit, CancellationToken cancellationToken)
    {
        await using var connection = await ReadModels.OpenConnectionAsync(cancellationToken);
        return await connection.QueryAsync(
            """
            select number, from_state, to_state, position_major, position_minor, who, why, at
            from projections.transition where projection = $1 order by id desc limit $2
            """,
            row => new TransitionRecord(
                new VersionId(projection, row.GetInt32(0)),
                row.IsDBNull(1) ? null : VersionStates.Parse(row.GetString(1)),
                VersionStates.Parse(row.GetString(2)),
                row.GetPosition(3),
                new Actor(row.GetString(5), row.GetNullable<string>(6)),
                row.GetDateTime(7)),
            cancellationToken,
            projection.Value,
            limit);
    }
}

/// <summary>A line of the audit trail.</summary>
internal sealed record TransitionRecord(
    VersionId Version, VersionState? From, VersionState To, EventPosition? Position, Actor Actor, DateTime At);
