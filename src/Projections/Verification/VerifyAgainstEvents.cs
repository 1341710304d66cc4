using Npgsql;
using Projections.Catalog;
using Projections.Commands;
using Projections.Definitions;
using Projections.Events;
using Projections.Postgres;
using Projections.Replay;
using Projections.Tables;

namespace Projections.Verification;

/// <summary>
/// Compares a version's rows with a fold of its events: rows that somebody edited, rows of a handler that was changed behind its
/// version's back, and drift of every other kind. The version goes on being followed meanwhile.
/// </summary>
internal sealed class VerifyAgainstEvents(ProjectionSystem system)
{
    /// <param name="projection">The projection.</param>
    /// <param name="version">The version; the live one when <c>null</c>.</param>
    /// <param name="share">Which part of the rows is looked at, above 0 and up to 1. With less than 1, rows that the table lacks are
    /// not noticed: it is from the table that the sample is drawn.</param>
    /// <param name="cancellationToken">Cancels the comparison.</param>
    /// <exception cref="OperationRefused">There is no such version, or it has no rows, or a part of them cannot be folded by itself.</exception>
    /// <exception cref="PoisonEvent">An event cannot be folded any more, and the version does not set such events aside.</exception>
    public Task<EventVerification> RunAsync(ProjectionName projection, int? version, double share, CancellationToken cancellationToken) =>
        RunAsync(projection, version, share < 1 ? RowDraw.Share(share) : null, cancellationToken);

    /// <param name="projection">The projection.</param>
    /// <param name="version">The version; the live one when <c>null</c>.</param>
    /// <param name="sample">Which of its rows are looked at, or <c>null</c> for all, and then also for rows that the table lacks.</param>
    /// <param name="cancellationToken">Cancels the comparison.</param>
    /// <inheritdoc cref="RunAsync(ProjectionName, int?, double, CancellationToken)"/>
    public async Task<EventVerification> RunAsync(ProjectionName projection, int? version, RowDraw? sample, CancellationToken cancellationToken)
    {
        var began = system.Time.GetTimestamp();
        await using var connection = await system.ReadModels.OpenConnectionAsync(cancellationToken);
        var (meant, _) = Choose(projection, await ReadAsync(connection, projection, cancellationToken), version);
        await using var transaction = await WholeSnapshot.BeginAsync(system, connection, meant.Id, cancellationToken);
        var (chosen, definition) = Choose(projection, await ReadAsync(connection, projection, cancellationToken), meant.Id.Number);
        RefuseSample(definition, sample is null ? 1 : 0);
        var through = chosen.Checkpoint!.Value;
        var real = SqlName.Quote(system.Options.Schema, chosen.Id.Table);
        var shape = (await TableShapes.ReadAsync(connection, system.Options.Schema, chosen.Id.Table, cancellationToken))!;
        var (selection, stored) = sample is { } some ? await SampleAsync(connection, definition, real, some, cancellationToken) : (null, real);
        using var scratch = await ScratchFold.CreateAsync(system, connection, definition, selection, cancellationToken);
        var events = await FoldAsync(definition.Filter with { Streams = FewOrNone(selection) }, scratch, through, cancellationToken);
        await connection.ExecuteLongAsync($"analyze {scratch.Relation}", cancellationToken);
        var plan = ComparisonPlan.Of(stored, shape, scratch.Relation, shape, null);
        var result = await new RowComparison(connection, plan, ComparisonPace.Usual).RunAsync(cancellationToken);
        return new EventVerification(chosen.Id, through, sample?.ShareOfAll ?? 1, events, result, system.Time.GetElapsedTime(began));
    }

    private static async Task<ProjectionSnapshot?> ReadAsync(NpgsqlConnection connection, ProjectionName projection, CancellationToken cancellationToken) =>
        (await ProjectionCatalog.ReadAsync(connection, projection, cancellationToken)).SingleOrDefault();

    /// <exception cref="OperationRefused">There is no such version, or it has no rows that this program could fold.</exception>
    internal (VersionSnapshot Version, ProjectionVersion Definition) Choose(ProjectionName projection, ProjectionSnapshot? snapshot, int? version)
    {
        var chosen = CatalogCommand.Choose(projection, snapshot, version ?? snapshot?.LiveVersion, "verify", candidate => candidate.HasTable);
        return chosen is { HasTable: true, External: false, Checkpoint: not null } && system.Registry.Find(chosen.Id) is { } definition
            ? (chosen, definition)
            : throw new OperationRefused($"Cannot compare {chosen.Id} with its events: {(chosen.External ? "another program writes it." : chosen.Checkpoint is null ? "it has no rows yet." : system.Registry.WhyMissing(chosen.Id))}");
    }

    /// <exception cref="OperationRefused">Only a part is to be looked at, and a part cannot be folded by itself.</exception>
    internal static void RefuseSample(ProjectionVersion definition, double share)
    {
        if (share < 1 && definition.Rows is null)
        {
            throw new OperationRefused($"Cannot look at a part of {definition.Id}: its SQL statements may touch any row, so no row can be folded by itself. Leave '--sample' out.");
        }
    }

    private async Task<long> FoldAsync(EventFilter filter, ScratchFold scratch, EventPosition through, CancellationToken cancellationToken)
    {
        var events = 0L;
        await foreach (var batch in system.Source.History.ReadAsync(EventPosition.BeforeFirst, through, filter, cancellationToken).ReadAheadAsync(2, cancellationToken))
        {
            using (batch)
            {
                events += batch.Count;
                await scratch.FoldAsync(batch.Memory, cancellationToken);
            }
        }

        await scratch.WriteAsync(cancellationToken);
        return events;
    }

    /// <summary>The sampled rows are set aside beside the fold's table, so that the two can be compared whole.</summary>
    private async Task<(IRowSelection Selection, string Stored)> SampleAsync(
        NpgsqlConnection connection, ProjectionVersion definition, string real, RowDraw sample, CancellationToken cancellationToken)
    {
        var stored = $"pg_temp.{SqlName.Quote($"{definition.Id.Table}_stored")}";
        await connection.ExecuteLongAsync($"create temporary table {stored} on commit drop as select * from {real} {sample.Sql}", cancellationToken, sample.Size);
        var key = string.Join(", ", RowKey.ColumnsOf(definition.Columns!).Select(column => $"{SqlName.Quote(column.Name)}::text"));
        var keys = await connection.QueryAsync($"select array[{key}] from {stored}", row => row.GetFieldValue<string[]>(0), cancellationToken);
        return (await definition.Rows!.SelectAsync(connection, keys, cancellationToken), stored);
    }

    // A few streams are read one by one; for many it is quicker to read everything once.
    private static IReadOnlyCollection<StreamId>? FewOrNone(IRowSelection? selection) =>
        selection?.Streams is { Count: <= 10_000 } streams ? streams : null;
}
