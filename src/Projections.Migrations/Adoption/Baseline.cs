using Npgsql;
using Projections.Migrations.Copies;
using Projections.Migrations.Files;
using Projections.Migrations.Running;
using Projections.Migrations.Schemas;
using Projections.Migrations.Tracking;
using Projections.Postgres;

namespace Projections.Migrations.Adoption;

/// <summary>
/// Takes over a database that exists: marks migrations as applied without running them. Before that it proves, on a throw-away copy
/// where they do run, that they make the schema that the database has.
/// </summary>
/// <param name="options">The service.</param>
/// <param name="copyOptions">How the copy is made.</param>
/// <param name="time">The clock; the system's when <c>null</c>.</param>
public sealed class Baseline(MigrationOptions options, CopyOptions copyOptions, TimeProvider? time = null)
{
    private readonly TimeProvider _time = time ?? TimeProvider.System;

    /// <param name="database">The connection string of the database.</param>
    /// <param name="request">What is applied.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="MigrationRefused">It cannot be told what is applied, or some of it cannot be marked.</exception>
    public async Task<BaselineReport> RunAsync(string database, BaselineRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var migrations = await MigrationFolder.ReadAsync(options.Folder, cancellationToken);
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(database) { Pooling = false }.ConnectionString);
        var tracking = MigrationTarget.OfService(options).Tracking;
        await using var runnerLock = await RunnerLock.AcquireAsync(source, tracking, () => { }, _time, cancellationToken);
        await using var connection = await source.OpenConnectionAsync(cancellationToken);

        var applied = await AppliedMigrations.FindAsync(connection, migrations, request, cancellationToken);
        var inOrder = migrations.Where(applied.ContainsKey).ToList();
        var unmarked = await FindUnmarkedAsync(connection, tracking, inOrder, cancellationToken);
        var differences = await CompareAsync(database, connection, tracking, inOrder, request, cancellationToken);
        var isDone = differences.Count == 0 || request.DespiteDifferences is not null;
        if (isDone)
        {
            await MarkAsync(connection, tracking, applied, unmarked, request, cancellationToken);
        }

        return new BaselineReport(unmarked, differences, isDone);
    }

    private static async Task<IReadOnlyList<Migration>> FindUnmarkedAsync(
        NpgsqlConnection connection, TrackingTable tracking, IReadOnlyList<Migration> applied, CancellationToken cancellationToken)
    {
        var tracked = await tracking.ExistsAsync(connection, cancellationToken)
            ? (await tracking.ReadAsync(connection, cancellationToken)).ToDictionary(row => row.Version)
            : [];
        if (applied.FirstOrDefault(migration => tracked.TryGetValue(migration.Version, out var row) && row.State != TrackedState.Done) is { } begun)
        {
            throw new MigrationRefused([new Refusal("interrupted", $"{begun.Id} was begun by this runner and is not finished. Finish it first: 'projections migrate status' tells how far it is.")]);
        }

        return [.. applied.Where(migration => !tracked.ContainsKey(migration.Version))];
    }

    // Other services' schemas, and what belongs to no schema, may be there besides; what is in the schemas of this one must be the same.
    private async Task<IReadOnlyList<SchemaDifference>> CompareAsync(
        string database, NpgsqlConnection connection, TrackingTable tracking, IReadOnlyList<Migration> applied, BaselineRequest request, CancellationToken cancellationToken)
    {
        var replayed = copyOptions with { Source = CopySource.Migrations };
        await using var copy = await SchemaCopy.CreateAsync(options, replayed, CopyPlan.Of(replayed, database, applied), cancellationToken);
        await using var onCopy = await copy.DataSource.OpenConnectionAsync(cancellationToken);
        var schemas = await SchemaDump.ReadSchemasAsync(onCopy, cancellationToken);
        var leftOut = new[] { "ar_internal_metadata", request.FromTable }.OfType<string>().Concat(tracking.Tables).ToList();
        return await SchemaComparison.RunAsync(onCopy, connection, schemas, leftOut, cancellationToken);
    }

    private async Task MarkAsync(
        NpgsqlConnection connection, TrackingTable tracking, IReadOnlyDictionary<Migration, DateTime?> applied, IReadOnlyList<Migration> unmarked,
        BaselineRequest request, CancellationToken cancellationToken)
    {
        await connection.ExecuteLongAsync("RESET search_path", cancellationToken);
        await tracking.EnsureAsync(connection, cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var how = request.FromTable is { } table ? $"taken over from {table}" : "marked as applied";
        var remark = $"{_time.GetUtcNow():u} {how} by {options.AppliedBy}{(request.DespiteDifferences is { } why ? $" despite differences: {why}" : "")}";
        foreach (var migration in unmarked)
        {
            await tracking.InsertAppliedAsync(connection, migration, applied[migration], new RunIdentity(options.AppliedBy), remark, cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
    }
}
