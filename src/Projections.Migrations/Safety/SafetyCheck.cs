using Npgsql;
using Projections.Migrations.Copies;
using Projections.Migrations.Execution;
using Projections.Migrations.Files;
using Projections.Migrations.Safety.Catalog;
using Projections.Migrations.Safety.Observing;

namespace Projections.Migrations.Safety;

/// <summary>
/// Judges pending migrations before they run, by running them on a throw-away copy of the schema and looking at what PostgreSQL
/// really does: locks, rewrites, scans, what appears and what vanishes. The way back is judged, too.
/// </summary>
/// <param name="options">The service.</param>
/// <param name="copyOptions">How the copy is made.</param>
public sealed class SafetyCheck(MigrationOptions options, CopyOptions copyOptions)
{
    /// <exception cref="MigrationFilesInvalid">The files cannot be used.</exception>
    public async Task<SafetyReport> RunAsync(SafetyRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var report = copyOptions.Source == CopySource.Transaction
            ? await new TransactionTrial(options, copyOptions).RunAsync(request, cancellationToken)
            : await TryOnCopyAsync(request, cancellationToken);
        return report with { Findings = await WithDurationsAsync(report.Findings, request.Against, cancellationToken) };
    }

    private async Task<SafetyReport> TryOnCopyAsync(SafetyRequest request, CancellationToken cancellationToken)
    {
        await using var copy = await SchemaCopy.CreateAsync(options, copyOptions, request.Database, request.AppliedTo, cancellationToken);
        var pending = copy.Pending.Where(migration => migration.Version <= (request.To ?? long.MaxValue)).ToList();
        var findings = new List<Finding>();
        var judged = new List<string>();
        IReadOnlyList<string> notes = [];
        foreach (var migration in pending)
        {
            notes = await copy.FillAsync(cancellationToken);
            judged.Add(migration.Id);
            if (!await JudgeAsync(copy, migration, isLast: judged.Count == pending.Count, findings, cancellationToken))
            {
                break;
            }
        }

        return new SafetyReport(findings, judged, [.. pending.Skip(judged.Count).Select(migration => migration.Id)], [.. copy.Notes, .. notes]);
    }

    /// <returns>Whether the next migration can be judged on top of this one.</returns>
    private async Task<bool> JudgeAsync(SchemaCopy copy, Migration migration, bool isLast, List<Finding> findings, CancellationToken cancellationToken)
    {
        if (migration.IsBackfill)
        {
            return await JudgeBackfillAsync(copy, migration, findings, cancellationToken);
        }

        var observer = new MigrationObserver(copy.DataSource, options);
        if (!await ObserveAsync(Direction.Up, migration.Up))
        {
            return false;
        }

        if (migration.Down is not { FrontMatter.Irreversible: null } down)
        {
            return true;
        }

        await copy.FillAsync(cancellationToken);
        if (!await ObserveAsync(Direction.Down, down))
        {
            return false;
        }

        if (isLast)
        {
            return true;
        }

        await copy.FillAsync(cancellationToken);
        await observer.ObserveAsync(migration, migration.Up, Direction.Up, copy.TenantOf(migration), cancellationToken);
        return true;

        async Task<bool> ObserveAsync(Direction direction, MigrationFile file)
        {
            var observed = await observer.ObserveAsync(migration, file, direction, copy.TenantOf(migration), cancellationToken);
            findings.AddRange(Judgement.Of(observed, file));
            return observed.All(statement => statement.Failure is null);
        }
    }

    // A backfill's statement has parameters; the runner itself fills them in, over all sample rows.
    private static async Task<bool> JudgeBackfillAsync(SchemaCopy copy, Migration migration, List<Finding> findings, CancellationToken cancellationToken)
    {
        await using (var connection = await copy.DataSource.OpenConnectionAsync(cancellationToken))
        {
            findings.AddRange(Judgement.OfBackfill(migration, await new CatalogReader(connection).ReadAsync(cancellationToken)));
        }

        try
        {
            await copy.RunAsync(migration, Direction.Up, cancellationToken);
            return true;
        }
        catch (MigrationFailed failed) when (failed.InnerException is PostgresException refused)
        {
            var frame = new StatementFrame(migration, failed.File, Direction.Up, CatalogSnapshot.Empty);
            findings.AddRange(Judgement.Of([frame.Begin(failed.Statement, CatalogSnapshot.Empty) with { Failure = refused }], failed.File));
            return false;
        }
    }

    private static async Task<IReadOnlyList<Finding>> WithDurationsAsync(
        IReadOnlyList<Finding> findings, string? against, CancellationToken cancellationToken)
    {
        var tables = findings.Select(finding => finding.Table).OfType<string>().Distinct().ToList();
        var sizes = against is null || tables.Count == 0
            ? new Dictionary<string, TableSize>()
            : await TableSizes.ReadAsync(against, tables, cancellationToken);
        return [.. findings.Select(finding => finding with { Duration = Durations.Of(finding, sizes.GetValueOrDefault(finding.Table ?? "")) })];
    }
}
