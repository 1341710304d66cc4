using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Data;
using Npgsql;
using Projections.Catalog;
using Projections.Commands;
using Projections.Definitions;
using Projections.Events;
using Projections.Postgres;
using Projections.Replay;
using Projections.Tables;

namespace Projections.Verification;

/// <summary>Asks how a row came to be, with the values of its events and of the row.</summary>
[Verb("explain", "Folds the events that made a row through both versions' handlers, one by one, and shows at which they part. Who asked stands in the history.")]
internal sealed record ExplainCommand : Command<Explanation>
{
    /// <summary>The row's key, as <see cref="RowKey"/> describes it.</summary>
    [Description("The row's key; several parts with commas between them."), StringLength(CommandLimits.Key)]
    public string Key { get; init; } = "";

    /// <summary>One version; the live one when <c>null</c>.</summary>
    [Description("One version; the live one when left out."), Display(Name = "version"), Range(1, int.MaxValue)]
    public int? From { get; init; }

    /// <summary>The other; the newest when <c>null</c>.</summary>
    [Description("The other; the newest when left out."), Display(Name = "version"), Range(1, int.MaxValue)]
    public int? To { get; init; }

    private protected override FormattableString Arguments => $"{Key} {From} {To}";

    internal override Task<Explanation> CarryOutAsync(ProjectionSystem system, CommandContext context, CancellationToken cancellationToken) =>
        new Explain(system) { Within = Explain.InARequest }.RunAsync(this, context, cancellationToken);
}

/// <summary>
/// Shows how a row came to be: replays the events that made it through two versions' handlers, step by step, so that one sees at
/// which event they part.
/// </summary>
internal sealed class Explain(ProjectionSystem system)
{
    /// <summary>A row whose events may be anywhere takes a reading of all of history; nobody waits for that in a request.</summary>
    public static readonly TimeSpan InARequest = TimeSpan.FromMinutes(1);

    /// <summary>How long it may take. The default is as long as it takes.</summary>
    public TimeSpan Within { get; init; } = Timeout.InfiniteTimeSpan;

    /// <summary>Shows all of it once that is kept. What is in it may be about people.</summary>
    /// <inheritdoc cref="RunAsync(ProjectionName, string, int?, int?, CancellationToken)" path="/exception"/>
    public async Task<Explanation> RunAsync(ExplainCommand command, CommandContext context, CancellationToken cancellationToken)
    {
        var shown = await RunAsync(command.Projection, command.Key, command.From, command.To, cancellationToken);
        var version = new VersionId(command.Projection, shown.Stored[^1].Version);
        await CatalogCommand.RunAsync(system, command, context, (_, _) => Task.FromResult(new OperationResult(version, shown.Outcome)), cancellationToken);
        return shown;
    }

    /// <param name="projection">The projection.</param>
    /// <param name="key">The row's key, as <see cref="RowKey"/> describes it.</param>
    /// <param name="from">One version; the live one when <c>null</c>.</param>
    /// <param name="to">The other; the newest with a table when <c>null</c>, or none where there is only one.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="OperationRefused">There is no such version, its rows cannot be folded one by one, the key is none, or it takes too long.</exception>
    public async Task<Explanation> RunAsync(ProjectionName projection, string key, int? from, int? to, CancellationToken cancellationToken)
    {
        CommandLimits.Refuse("key", key, CommandLimits.Key);
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limited.CancelAfter(Within);
        try
        {
            return await TellAsync(projection, key, from, to, limited.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new OperationRefused(
                $"Explaining a row of '{projection}' takes longer than {Within.TotalSeconds:0} seconds: its events may be in any stream, so all of history is read. Use 'projections explain {projection} KEY', or override StreamOf.");
        }
    }

    private async Task<Explanation> TellAsync(ProjectionName projection, string key, int? from, int? to, CancellationToken cancellationToken)
    {
        await using var connection = await system.ReadModels.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        var snapshot = (await ProjectionCatalog.ReadAsync(connection, projection, cancellationToken)).SingleOrDefault();
        var versions = Choose(projection, snapshot, from, to);
        var through = versions.Min(version => version.Snapshot.Checkpoint!.Value);
        var stored = new List<ExplainedRow>();
        var folds = new List<ScratchFold>();
        var streams = new HashSet<StreamId>();
        var streamsAreKnown = true;
        string[] parts = [];
        try
        {
            foreach (var (version, definition) in versions)
            {
                parts = RowKey.Parse(key, RowKey.ColumnsOf(definition.Columns!), definition.Id);
                var selection = await RowKey.SelectAsync(definition.Rows!, connection, [parts], definition.Id, cancellationToken);
                streamsAreKnown &= selection.Streams is not null;
                streams.UnionWith(selection.Streams ?? []);
                stored.Add(new ExplainedRow(version.Id.Number, await ReadStoredAsync(connection, definition, parts, cancellationToken), Changed: false));
                folds.Add(await ScratchFold.CreateAsync(system, connection, definition, selection, cancellationToken));
            }

            var steps = new StepByStep(connection, folds, await PlanAsync(connection, versions, folds, cancellationToken));
            var types = versions.SelectMany(version => version.Definition.EventTypeNames).ToHashSet(StringComparer.Ordinal);
            var filter = new EventFilter(types, Category(versions), streamsAreKnown ? streams : null);
            await foreach (var batch in system.Source.ReadAsync(EventPosition.BeforeFirst, through, filter, cancellationToken))
            {
                using (batch)
                {
                    await steps.FoldAsync(batch, cancellationToken);
                }
            }

            return new Explanation(projection, parts, through, filter.Streams?.Select(stream => stream.Text).ToList(), steps.Steps, stored);
        }
        finally
        {
            folds.ForEach(fold => fold.Dispose());
        }
    }

    private async Task<ComparisonPlan?> PlanAsync(
        NpgsqlConnection connection, IReadOnlyList<Told> versions, List<ScratchFold> folds, CancellationToken cancellationToken)
    {
        if (versions is not [var earlier, var later])
        {
            return null;
        }

        var shapes = new List<TableShape>();
        foreach (var version in versions)
        {
            shapes.Add((await TableShapes.ReadAsync(connection, system.Options.Schema, version.Snapshot.Id.Table, cancellationToken))!);
        }

        return ComparisonPlan.Of(
            folds[0].Relation, shapes[0], folds[1].Relation, shapes[1], later.Definition.ChangesSince(earlier.Snapshot.Id.Number));
    }

    private async Task<string?> ReadStoredAsync(NpgsqlConnection connection, ProjectionVersion definition, string[] key, CancellationToken cancellationToken)
    {
        var columns = RowKey.ColumnsOf(definition.Columns!);
        var matches = string.Join(" and ", columns.Select((column, i) => $"{SqlName.Quote(column.Name)} = {SqlName.Literal(key[i])}::{column.Type}"));
        return await connection.ScalarAsync<string>(
            $"select to_jsonb(t)::text from {SqlName.Quote(system.Options.Schema, definition.Id.Table)} as t where {matches}", cancellationToken);
    }

    private List<Told> Choose(ProjectionName projection, ProjectionSnapshot? snapshot, int? from, int? to)
    {
        var candidates = snapshot?.Versions.Where(version => version is { HasTable: true, External: false, Checkpoint: not null }).ToList() ?? [];
        var chosen = from is null && to is null && candidates.Count < 2
            ? candidates
            : [.. Pair(Verify.Choose(projection, snapshot, from, to))];
        if (chosen.Count == 0)
        {
            throw new OperationRefused($"Cannot explain a row of '{projection}': no version of it has a table with a checkpoint. Begin with 'projections rebuild {projection}'.", isMistake: true);
        }

        return [.. chosen.Select(Subject)];
    }

    private Told Subject(VersionSnapshot version)
    {
        if (version.Checkpoint is null || !version.HasTable)
        {
            throw new OperationRefused($"Cannot explain a row of {version.Id}: {(version.External ? "another program writes it, and its handler is not known here" : "it has no rows yet")}.");
        }

        return system.Registry.Find(version.Id) switch
        {
            null => throw new OperationRefused($"Cannot explain a row of {version.Id}: {system.Registry.WhyMissing(version.Id)}", isMistake: true),
            { Rows: null } => throw new OperationRefused($"Cannot explain a row of {version.Id}: its SQL statements may touch any row, so no row can be folded by itself. Compare the whole table with its events instead: 'projections verify {version.Id.Projection} --version {version.Id.Number} --against-events'."),
            var definition => new Told(version, definition),
        };
    }

    private static IEnumerable<VersionSnapshot> Pair((VersionSnapshot Earlier, VersionSnapshot Later) pair) => [pair.Earlier, pair.Later];

    private static string? Category(IReadOnlyList<Told> versions) =>
        versions.Select(version => version.Definition.StreamCategory).Distinct(StringComparer.Ordinal).ToList() is [var only] ? only : null;

    private sealed record Told(VersionSnapshot Snapshot, ProjectionVersion Definition);
}
